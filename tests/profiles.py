"""How many examples property tests try: few in `make test`, many with HYPOTHESIS_PROFILE=deep."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_SLOW_ON_PURPOSE = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
# Databases answer when they answer: no deadline. Nothing is kept from run to run.
_ALWAYS = settings(deadline=None, database=None, suppress_health_check=_SLOW_ON_PURPOSE)

settings.register_profile("quick", _ALWAYS, max_examples=5, derandomize=True)  # the same every time
settings.register_profile("explore", _ALWAYS, max_examples=30, phases=[Phase.generate])  # no shrinking
settings.register_profile("deep", _ALWAYS, max_examples=100)

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
IS_DEEP = PROFILE == "deep"


def load() -> None:
    """Make every property test of this run use the profile."""
    settings.load_profile(PROFILE)

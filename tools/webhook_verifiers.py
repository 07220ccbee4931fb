"""Has other people's verifiers judge our deliveries, in Python and in JavaScript: part of `make conformance`.

Genuine deliveries must be accepted and forged ones refused by the official Standard Webhooks libraries, by
the code that docs/webhooks.md shows, and by a plain HMAC of the body. The table is printed and written to
`docs/webhook-verifiers.md`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from standardwebhooks import Webhook, WebhookVerificationError

from tools.conformance import CLIENTS, HOME, ROOT, install
from webhooks.signing import new_secret, signatures

DOCUMENT = ROOT / "docs" / "webhook-verifiers.md"
BODY = '{"event":"deal.updated","data":{"payload":{"deal":{"name":"Übergröße 日本 🚀","amount":12.5}}}}'
TEN_MINUTES = 600

Judgement = dict[str, bool]  # by verifier


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that arrives, and whether it is ours."""

    what: str
    secret: str  # that the receiver has
    headers: dict[str, str]
    body: str = BODY
    is_genuine: bool = True
    legacy_secret: str = ""  # where the older header is signed with another
    is_fresh: bool = True  # the older header knows no time

    def judged_rightly(self, verifier: str, verdict: bool) -> bool:
        """Whether this verdict is the right one."""
        genuine = self.is_genuine or (verifier.startswith("HMAC") and not self.is_fresh)
        return verdict is genuine


def main() -> int:
    """0 when every verifier judged rightly."""
    found = deliveries()
    judged = [
        {**python, **javascript}
        for python, javascript in zip(in_python(found), in_javascript(found), strict=True)
    ]
    text = report(found, judged)
    DOCUMENT.write_text(text)
    print(text)
    wrong = [
        f"{name}: {delivery.what}"
        for delivery, verdicts in zip(found, judged, strict=True)
        for name, verdict in verdicts.items()
        if not delivery.judged_rightly(name, verdict)
    ]
    print("\n".join(wrong) or "Every verifier judged rightly.")
    return 1 if wrong else 0


def deliveries() -> list[Delivery]:
    """Genuine and forged ones."""
    old, new, typed, stranger = new_secret(), new_secret(), "typed by Ölivia", new_secret()
    now = int(time.time())

    def signed(*secrets: str, timestamp: int = now) -> dict[str, str]:
        return signatures(secrets, message_id="0194c2a1-0000", timestamp=timestamp, body=BODY.encode())

    changed = BODY.replace("12.5", "12.6")
    overlap, late = signed(old, new), signed(new, timestamp=now - TEN_MINUTES)
    return [
        Delivery("genuine, made secret", new, signed(new)),
        Delivery("genuine, typed secret", typed, signed(typed)),
        Delivery("while secrets overlap, the old one", old, overlap),
        Delivery("while secrets overlap, the new one", new, overlap, legacy_secret=old),
        Delivery("a changed byte", new, signed(new), changed, is_genuine=False),
        Delivery("another secret", stranger, signed(new), is_genuine=False),
        Delivery("a timestamp of ten minutes ago", new, late, is_genuine=False, is_fresh=False),
    ]


def in_python(found: Sequence[Delivery]) -> list[Judgement]:
    """The verdicts of the verifiers in Python."""
    names: dict[str, object] = {}
    exec(documented("python"), names)  # noqa: S102 - what readers will run
    verify = names["verify"]
    assert callable(verify)
    official = f"standardwebhooks {version('standardwebhooks')} (Python)"
    return [
        {
            official: accepts(one),
            "docs/webhooks.md (Python)": bool(verify(one.secret, one.headers, one.body.encode())),
            "HMAC of the body (Python)": plain(one),
        }
        for one in found
    ]


def accepts(delivery: Delivery) -> bool:
    """Whether the official library does."""
    secret = delivery.secret if delivery.secret.startswith("whsec_") else delivery.secret.encode()
    try:
        Webhook(secret).verify(delivery.body, delivery.headers)
    except WebhookVerificationError:
        return False
    return True


def plain(delivery: Delivery) -> bool:
    """Whether the older header is the HMAC of the body."""
    key = (delivery.legacy_secret or delivery.secret).encode()
    expected = hmac.new(key, delivery.body.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, delivery.headers["X-Webhook-Signature"])


def in_javascript(found: Sequence[Delivery]) -> list[Judgement]:
    """The verdicts of the verifiers in JavaScript."""
    node = install()
    code = HOME / "documented.js"
    code.write_text(documented("js"))
    shutil.copy(CLIENTS / "webhooks.mjs", HOME)  # beside the modules it imports
    sent = [
        {
            "secret": one.secret,
            "legacySecret": one.legacy_secret or one.secret,
            "headers": one.headers,
            "body": one.body,
        }
        for one in found
    ]
    command = [str(node), str(HOME / "webhooks.mjs"), str(code)]
    done = subprocess.run(
        command, cwd=HOME, input=json.dumps(sent), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    used = json.loads((CLIENTS / "package.json").read_text())["dependencies"]["standardwebhooks"]
    return [
        {
            f"standardwebhooks {used} (JavaScript)": verdict["official"],
            "docs/webhooks.md (JavaScript)": verdict["documented"],
            "HMAC of the body (JavaScript)": verdict["legacy"],
        }
        for verdict in json.loads(done.stdout)
    ]


def documented(language: str) -> str:
    """The code that verifies the standard headers, as the page shows it."""
    page = (ROOT / "docs" / "webhooks.md").read_text()
    [code] = re.findall(rf"^```{language} standard\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return str(code)


def report(found: Sequence[Delivery], judged: Sequence[Judgement]) -> str:
    """The table: what each verifier says of each delivery."""
    names = list(judged[0])
    lines = [
        "# Who accepts our deliveries",
        "",
        "Written by `make conformance`. The HMAC of the body alone knows no time, so it accepts what is old; "
        "the other verifiers refuse a timestamp that is more than five minutes off.",
        "",
        f"| delivery | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for delivery, verdicts in zip(found, judged, strict=True):
        words = ("accepted" if verdicts[name] else "refused" for name in names)
        lines.append(f"| {delivery.what} | {' | '.join(words)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

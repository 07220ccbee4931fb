"""Forms of webhooks: they read what was typed; what is allowed is decided by the services."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.forms import SegmentedRadio
from accounts.permissions import RESOURCES
from customermates.kernel.errors import Issue
from customermates.kernel.sentences import sentence
from customermates.kernel.ui.forms import add_issues
from customermates.kernel.ui.navigation import NAVIGATION
from webhooks.catalog import EVERYTHING, SOURCES, TEST_EVENT, EventKind, Json, patterns, subscribable
from webhooks.definitions import DESCRIPTION_LENGTH, HEADER_NAME_LENGTH, HEADER_VALUE_LENGTH, SECRET_LENGTHS
from webhooks.guard import EXAMPLE, URL_LENGTH, url_issues
from webhooks.models import Delivery, Endpoint

MADE, TYPED = "made", "typed"
EMPTY_ROWS = 2  # for headers that are to come; scripts add more
FIELDS = {"idsOnly": "ids_only"}  # names of the services that are called otherwise here
STATUS_WORDS: dict[str, str | Promise] = {
    Delivery.Status.PENDING: _("Not delivered yet"),  # waiting, on its way, to be retried or on hold
    Delivery.Status.SUCCESS: _("Delivered"),
    Delivery.Status.FAILED: _("Failed"),
    Delivery.Status.CANCELLED: _("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class EventGroup:
    """The events of one entity, as the picker shows them."""

    label: str | Promise
    icon: str
    all: str  # `deal.*`
    all_chosen: bool
    kinds: Sequence[tuple[EventKind, bool]]  # with whether it is chosen


class HeaderRows(forms.Widget):
    """Names and values side by side; a value goes in and never comes out again."""

    template_name = "webhooks/_header_rows.html"
    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        names, values = data.getlist(f"{name}-name"), data.getlist(f"{name}-value")
        pairs = [(name.strip(), value.strip()) for name, value in zip(names, values, strict=False)]
        return [pair for pair in pairs if any(pair)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        names = [name for name, _value in value or ()]
        lengths = {"name_length": HEADER_NAME_LENGTH, "value_length": HEADER_VALUE_LENGTH}
        return {**context, **lengths, "names": [*names, *[""] * EMPTY_ROWS], "stored": self.stored}

    stored: Sequence[str] = ()  # names whose values are kept


class SecretForm(forms.Form):
    """A secret that the product makes, or one that somebody types."""

    secret_kind = forms.ChoiceField(
        label=_("Signing secret"),
        initial=MADE,
        choices=[(MADE, _("Make one for me")), (TYPED, _("Use my own"))],
        widget=SegmentedRadio,
    )
    secret = forms.CharField(
        label=_("Your secret"), required=False, strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        shortest, longest = SECRET_LENGTHS
        self.fields["secret"].help_text = _(
            "%(shortest)s to %(longest)s characters. It is kept encrypted and never shown here."
        ) % {"shortest": shortest, "longest": longest}

    def typed_secret(self) -> str | None:
        """The secret that was typed; None asks for one to be made."""
        return self.cleaned_data["secret"] if self.cleaned_data["secret_kind"] == TYPED else None


class EndpointForm(SecretForm):
    """An endpoint, new or as it is."""

    url = forms.CharField(
        label=_("Address"), max_length=URL_LENGTH,
        widget=forms.TextInput(
            {"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "placeholder": EXAMPLE}
        ),
        help_text=_("Deliveries are sent there by POST, as JSON. It must be public and https."),
    )  # fmt: skip
    description = forms.CharField(
        label=_("What it is for"), max_length=DESCRIPTION_LENGTH, required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Events"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )  # fmt: skip
    ids_only = forms.BooleanField(
        label=_("Send ids only"), required=False,
        help_text=_("The receiver is told which record it is about and fetches the rest itself."),
    )  # fmt: skip
    ordered = forms.BooleanField(
        label=_("Keep the order of each record"), required=False,
        help_text=_("The next delivery about a record waits until the one before has arrived or failed."),
    )  # fmt: skip
    headers = forms.Field(
        label=_("Custom headers"), required=False, widget=HeaderRows,
        help_text=_("Sent with each delivery, such as Authorization. Values are never shown again."),
    )  # fmt: skip
    enabled = forms.BooleanField(
        label=_("Switched on"), required=False,
        help_text=_("What happens while it is switched off is not sent later either."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, endpoint: Endpoint | None = None) -> None:
        super().__init__(data, initial=_initial(endpoint))
        self.endpoint = endpoint
        events = self.fields["events"]
        assert isinstance(events, forms.MultipleChoiceField)
        events.choices = [(name, name) for name in patterns()]
        widget = self.fields["headers"].widget
        assert isinstance(widget, HeaderRows)
        widget.stored = endpoint.header_names if endpoint else ()
        if endpoint:
            del self.fields["secret_kind"], self.fields["secret"]
        else:
            del self.fields["version"]
            self.fields["url"].widget.attrs["autofocus"] = True

    @property
    def wants_everything(self) -> bool:
        """Whether all events are chosen, those of later releases too."""
        return EVERYTHING in self._chosen

    @property
    def event_groups(self) -> list[EventGroup]:
        """The events to choose from, by entity."""
        chosen = self._chosen
        kinds: dict[str, list[tuple[EventKind, bool]]] = {}
        for kind in subscribable():
            kinds.setdefault(kind.entity, []).append((kind, kind.name in chosen))
        return [_group(entity, found, chosen) for entity, found in kinds.items()]

    @property
    def _chosen(self) -> Sequence[str]:
        return self["events"].value() or ()

    def values(self) -> dict[str, Json]:
        """What was sent, by the service's names."""
        sent = self.cleaned_data
        values: dict[str, Json] = {
            "url": sent["url"],
            "description": sent["description"],
            "events": _without_covered(sent["events"]),
            "idsOnly": sent["ids_only"],
            "ordered": sent["ordered"],
            "headers": self._headers(sent["headers"]),
        }
        if not self.endpoint or sent["enabled"] != self.endpoint.enabled:
            values["enabled"] = sent["enabled"]  # said anew, it would resume one that is paused
        if self.endpoint:
            return {**values, "expectedVersion": sent["version"]}
        secret = self.typed_secret()
        return values if secret is None else {**values, "secret": secret}

    def _headers(self, pairs: Sequence[tuple[str, str]]) -> dict[str, str | None]:
        """`{name: value}`; an empty value of a header that is there keeps what is stored."""
        kept = {name.lower() for name in (self.endpoint.header_names if self.endpoint else ())}
        return {name: value or (None if name.lower() in kept else "") for name, value in pairs}

    def clean_url(self) -> str:
        """Refused here already, so that it is told together with what else is wrong."""
        url: str = self.cleaned_data["url"]
        if issues := url_issues(url):
            raise forms.ValidationError([sentence(issue) for issue in issues])
        return url

    def clean_headers(self) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = self.cleaned_data["headers"]
        names = [name.lower() for name, _value in pairs]
        if len(set(names)) < len(names):  # as a mapping, one of them would be lost in silence
            raise forms.ValidationError(_("Two headers have the same name."))
        return pairs

    def refuse(self, issues: tuple[Issue, ...]) -> None:
        """Show what the service refused, each at its field, and of headers by their name."""
        for issue in issues:
            _field, _dot, header = issue.field.partition("headers.")
            if header:
                self.add_error("headers", f"{header}: {sentence(issue)}")
            else:
                add_issues(self, (issue,), FIELDS)


def _initial(endpoint: Endpoint | None) -> dict[str, Any]:
    if endpoint is None:
        return {"enabled": True}
    names = ("url", "description", "events", "ids_only", "ordered", "enabled", "version")
    headers = [(name, "") for name in endpoint.header_names]
    return {"headers": headers, **{name: getattr(endpoint, name) for name in names}}


def _group(entity: str, kinds: Sequence[tuple[EventKind, bool]], chosen: Sequence[str]) -> EventGroup:
    resource = SOURCES.get(entity).resource
    page = NAVIGATION.find(resource)
    whole = f"{entity}.*"
    icon = page.icon if page else "circle"
    return EventGroup(RESOURCES.get(resource).label, icon, whole, whole in chosen, kinds)


def _without_covered(chosen: Sequence[str]) -> list[str]:
    """`chosen` without what another of them says already."""
    if EVERYTHING in chosen:
        return [EVERYTHING]
    return [name for name in chosen if name.endswith(".*") or f"{name.partition('.')[0]}.*" not in chosen]


# --- Deliveries -----------------------------------------------------------------------------------------

PERIODS: Mapping[str, tuple[str | Promise, datetime.timedelta]] = {
    "1h": (_("the last hour"), datetime.timedelta(hours=1)),
    "24h": (_("the last 24 hours"), datetime.timedelta(hours=24)),
    "7d": (_("the last 7 days"), datetime.timedelta(days=7)),
    "30d": (_("the last 30 days"), datetime.timedelta(days=30)),
}


def period_start(name: str) -> datetime.datetime | None:
    """When the period of this name began; None for no period."""
    found = PERIODS.get(name)
    return timezone.now() - found[1] if found else None


class DeliveryFilter(forms.Form):
    """Which deliveries are shown; what is not among the choices is left out."""

    webhook = forms.ChoiceField(label=_("Webhook"), required=False)
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any state")), *STATUS_WORDS.items()]
    )
    event = forms.ChoiceField(label=_("Event"), required=False)
    since = forms.ChoiceField(
        label=_("Time"), required=False,
        choices=[("", _("Any time")), *((name, words) for name, (words, _span) in PERIODS.items())],
    )  # fmt: skip

    def __init__(self, data: Any, endpoints: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        for field in self.fields.values():
            field.widget.attrs["data-submits"] = True
        webhooks, events = self.fields["webhook"], self.fields["event"]
        assert isinstance(webhooks, forms.ChoiceField)
        assert isinstance(events, forms.ChoiceField)
        webhooks.choices = [("", _("All webhooks")), *endpoints]
        events.choices = [
            ("", _("Any event")),
            *((kind.name, kind.name) for kind in subscribable()),
            (TEST_EVENT, TEST_EVENT),
        ]
        self.is_valid()

    def chosen(self) -> dict[str, str]:
        """What is asked for, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class ReplayForm(forms.Form):
    """Since when what failed shall be sent again."""

    period = forms.ChoiceField(
        label=_("What failed in"),
        choices=[(name, words) for name, (words, _span) in PERIODS.items()],
        widget=SegmentedRadio,
    )
    since = forms.CharField(required=False, widget=forms.HiddenInput)

    def moment(self) -> datetime.datetime | None:
        """The moment that was shown with its count; None when it is none."""
        try:
            moment = parse_datetime(self.data.get("since", ""))
        except ValueError:
            return None
        return moment if moment and timezone.is_aware(moment) else None

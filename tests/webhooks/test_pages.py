"""Settings → Webhooks: what the pages show, to whom, and what they never show."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Event, Role, User
from crm import services as records
from crm.entities import CONTACT
from customermates.kernel.ids import first_id_of, uuid7
from tests.webhooks.conftest import SECRET
from webhooks import queries
from webhooks.delivery_list import visible
from webhooks.models import Attempt, Delivery, Endpoint, Secret
from webhooks.queries import DeliveryQuery, Tally

pytestmark = pytest.mark.django_db
LIST = "/settings/webhooks/"
NEW = "/settings/webhooks/new/"
LOG = "/settings/webhooks/deliveries/"
FORM = {"url": "https://hooks.example/in", "events": ["deal.*"], "secret_kind": "made", "enabled": "on"}


def browser(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def secret_in(text: str) -> str:
    found = re.search(r'<pre id="made-secret"[^>]*>(whsec_[\w+/=]+)</pre>', text)
    assert found
    return found[1]


def one(endpoint: Endpoint, what: str = "") -> str:
    return f"/settings/webhooks/{endpoint.pk}/{what and what + '/'}"


def delivery_of(owner, endpoint: Endpoint, status: str = "failed") -> Delivery:
    """A delivery to this endpoint that came to its end."""
    records.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    found = Delivery.objects.filter(endpoint=endpoint).latest("pk")
    Delivery.objects.filter(pk=found.pk).update(
        status=status, due_at=None, finished_at=timezone.now(), attempts=1, status_code=500
    )
    return Delivery.objects.get(pk=found.pk)


# --- Endpoints ------------------------------------------------------------------------------------------


def test_a_new_webhook_shows_its_secret_this_once(signed_in_client):
    answer = signed_in_client.post(NEW, FORM)
    secret = secret_in(answer.text)
    made = Endpoint.objects.get()
    assert (made.url, made.events, made.enabled) == ("https://hooks.example/in", ["deal.*"], True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["HX-Push-Url"] == one(made)
    for address in (LIST, one(made), one(made, "edit"), one(made, "rotate"), LOG):
        assert secret not in signed_in_client.get(address).text
    assert secret not in Secret.objects.get().sealed


def test_a_typed_secret_is_never_repeated(signed_in_client):
    typed = {**FORM, "secret_kind": "typed", "secret": SECRET}
    wrong = signed_in_client.post(NEW, {**typed, "url": "nonsense"})
    assert wrong.status_code == 422
    assert SECRET not in wrong.text
    answer = signed_in_client.post(NEW, typed, follow=True)
    assert answer.redirect_chain == [(one(Endpoint.objects.get()), 302)]
    assert SECRET not in answer.text
    assert "The webhook is there." in answer.text


def test_what_is_wrong_is_told_at_its_field_all_at_once(signed_in_client):
    wrong = {
        "url": "https://169.254.169.254/latest",
        "secret_kind": "typed",
        "secret": "short",
        "headers-name": ["Host", ""],
        "headers-value": ["evil.example", ""],
    }
    answer = signed_in_client.post(NEW, wrong)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors["events"] == ["Choose at least one event."]
    assert "public addresses by https only" in errors["url"][0]
    errors = signed_in_client.post(NEW, {**wrong, **FORM, "secret_kind": "typed"}).context["form"].errors
    assert errors["headers"][0].startswith("Host: This header is the product")
    assert "printable characters" in errors["secret"][0]
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/in",
        "https://127.0.0.1/in",
        "https://[::1]/in",
        "https://10.0.0.8/in",
        "https://olivia:secret@hooks.example/in",
        "https://hooks.example:22/in",
        "ftp://hooks.example/in",
        "",
    ],
)
def test_a_refused_address_is_told_beside_it(signed_in_client, settings, url):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    answer = signed_in_client.post(NEW, {**FORM, "url": url})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"url"}
    assert 'aria-invalid="true"' in answer.text


def test_a_webhook_is_edited_and_header_values_stay_unseen(signed_in_client):
    headers = {"headers-name": ["X-Token", "X-Old"], "headers-value": ["Rita's own", "gone soon"]}
    signed_in_client.post(NEW, {**FORM, **headers})
    made = Endpoint.objects.get()
    form = signed_in_client.get(one(made, "edit"))
    assert "X-Token" in form.text
    assert "Rita's own" not in form.text.replace("&#x27;", "'")
    sent = {
        "url": made.url,
        "description": "Ledger",
        "events": ["deal.*", "deal.created", "contact.created"],
        "headers-name": ["X-Token", ""],
        "headers-value": ["", ""],
        "enabled": "on",
        "version": made.version,
    }
    signed_in_client.post(one(made, "edit"), sent)
    changed = Endpoint.objects.get()
    assert (changed.description, changed.events) == ("Ledger", ["deal.*", "contact.created"])
    assert changed.header_names == ["X-Token"]
    assert changed.headers_sealed != made.headers_sealed
    stale = signed_in_client.post(one(made, "edit"), {**sent, "description": "Late"})
    assert stale.status_code == 422
    assert "somebody changed it" in stale.text


def test_editing_keeps_a_filter_that_came_by_another_door(signed_in_client, endpoint):
    made = endpoint("https://hooks.example/in", "deal.*")
    rules = [{"field": "amount", "operator": "gte", "value": 1000}]
    Endpoint.objects.update(filters={"deal": rules})
    form = {"url": made.url, "events": ["deal.*"], "description": "Large ones", "version": made.version}
    assert signed_in_client.post(one(made, "edit"), form).status_code == 302
    assert Endpoint.objects.get().filters == {"deal": rules}
    assert "gte" in signed_in_client.get(one(made)).text


def test_rotation_shows_the_new_secret_once_and_says_how_long_the_old_one_lasts(signed_in_client, endpoint):
    made = endpoint()
    assert "24 hours" in signed_in_client.get(one(made, "rotate")).text
    secret = secret_in(signed_in_client.post(one(made, "rotate"), {"secret_kind": "made"}).text)
    page = signed_in_client.get(one(made)).text
    assert secret not in page
    assert "The old one signs along until" in page
    signed_in_client.post(one(made, "end-overlap"))
    assert "signs along" not in signed_in_client.get(one(made)).text
    assert Secret.objects.count() == 1


def test_switching_and_deleting(signed_in_client, endpoint):
    made = endpoint()
    signed_in_client.post(one(made, "switch"), {"enabled": "false"})
    assert "Switched off" in signed_in_client.get(LIST).text
    signed_in_client.post(one(made, "switch"), {"enabled": "true"})
    assert Endpoint.objects.get().enabled
    assert "Delete this webhook?" in signed_in_client.get(one(made, "delete")).text
    answer = signed_in_client.post(one(made, "delete"), follow=True)
    assert "The webhook to receiver.example is deleted." in answer.text
    assert "No webhooks yet" in answer.text
    assert signed_in_client.get(one(made)).status_code == 404


def test_a_paused_webhook_asks_to_be_resumed(signed_in_client, owner, endpoint):
    made = endpoint()
    delivery_of(owner, made)
    records.create_records(owner, CONTACT, [{"firstName": "Bo"}])
    Endpoint.objects.update(
        pause="failing", paused_at=timezone.now(), failing_since=timezone.now() - timedelta(days=6)
    )
    page = signed_in_client.get(LIST).text
    assert "Nothing is sent to receiver.example any more." in page
    assert "1 delivery waits." in page
    answer = signed_in_client.post(one(made, "resume"), {"replay": "true"}, follow=True)
    assert "sent again: 1." in answer.text
    assert Endpoint.objects.get().pause == ""
    assert Delivery.objects.filter(status="pending").count() == 2


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "No delivery yet"),
        ({"last_success_at": timezone.now()}, "Healthy"),
        ({"failures": 3, "failing_since": timezone.now()}, "Failing"),
        ({"failures": 5, "blocked_until": timezone.now() + timedelta(days=1)}, "Not reachable"),
        ({"pause": "failing", "paused_at": timezone.now()}, "Paused"),
        ({"pause": "gone", "paused_at": timezone.now()}, "Gone"),
        ({"enabled": False, "pause": "failing"}, "Switched off"),
    ],
)
def test_each_state_has_its_word(signed_in_client, endpoint, values, word):
    made = endpoint()
    Endpoint.objects.update(**values)
    for address in (LIST, one(made)):
        assert re.search(rf'class="chip h-\w+">{word}<', signed_in_client.get(address).text)


def test_the_week_is_counted_in_days_of_the_person(owner, endpoint):
    made = endpoint()
    now = timezone.now()
    starts = [now - timedelta(days=days) for days in (2, 1)]
    for age, status in ((30, "success"), (26, "failed"), (3, "success"), (1, "pending"), (60, "success")):
        delivery_of(owner, made, status)
        found = Delivery.objects.latest("pk")
        old = first_id_of(now - timedelta(hours=age))
        Delivery.objects.filter(pk=found.pk).update(id=old)
    assert queries.tallies(owner, starts) == {made.pk: [Tally(1, 1, 0), Tally(1, 0, 1)]}
    assert queries.tallies(owner, starts, endpoint_id=owner.change_set) == {}


# --- Deliveries -----------------------------------------------------------------------------------------


def test_the_log_is_filtered_and_goes_on(signed_in_client, owner, endpoint):
    first, second = endpoint(), endpoint("https://second.example/in")
    records.create_records(owner, CONTACT, [{"firstName": "Ada"}] * 15)
    page = signed_in_client.get(LOG)
    assert len(page.context["deliveries"]) == 25
    assert len(signed_in_client.get(f"{LOG}?before={page.context['next_before']}").context["deliveries"]) == 5
    Delivery.objects.filter(endpoint=second).update(status="success", due_at=None)
    for query, count in (
        (f"webhook={first.pk}", 15),
        ("status=success", 15),
        ("status=failed", 0),
        ("event=contact.created", 25),
        ("event=deal.created", 0),
        ("since=1h", 25),
        ("status=nonsense&since=never&webhook=x&before=x", 25),
    ):
        assert len(signed_in_client.get(f"{LOG}?{query}").context["deliveries"]) == count, query
    assert "No deliveries match" in signed_in_client.get(f"{LOG}?status=failed").text


def test_time_narrows_by_when_a_delivery_was_made(owner, endpoint):
    endpoint()
    records.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    ahead = timezone.now() + timedelta(minutes=1)
    assert len(queries.list_deliveries(owner, DeliveryQuery(since=ahead - timedelta(minutes=2))).rows) == 1
    assert not queries.list_deliveries(owner, DeliveryQuery(since=ahead)).rows


HOSTILE = "<script>alert(1)</script>\x1b[31m\u202etxt.exe\u200b\x00 \N{GREEK SMALL LETTER ALPHA}"


def test_what_came_back_is_text_and_hides_nothing(signed_in_client, owner, endpoint):
    delivery = delivery_of(owner, endpoint())
    Attempt.objects.create(
        company_id=owner.company_id,
        delivery=delivery,
        number=1,
        started_at=timezone.now(),
        duration_ms=1500,
        status_code=500,
        response_headers={"x-<b>": '"><img src=x onerror=alert(1)>'},
        response_excerpt=HOSTILE.replace("\x00", "\ufffd"),
    )
    page = signed_in_client.get(f"{LOG}{delivery.pk}/").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;␛[31m⟨U+202E⟩txt.exe⟨U+200B⟩" in page
    assert "1.5 s" in page


def test_visible_spells_out_what_hides():
    assert visible("a\tb\nc\r\x07\x7f\u2066é") == "a\tb\nc␍␇␡⟨U+2066⟩é"


def test_a_delivery_is_resent_and_failed_ones_are_counted_before(signed_in_client, owner, endpoint):
    made = endpoint()
    delivery = delivery_of(owner, made)
    page = signed_in_client.get(one(made, "replay"))
    assert page.context["count"] == 1
    since = page.context["since"].isoformat()
    answer = signed_in_client.post(one(made, "replay"), {"since": since}, follow=True)
    assert "1 delivery is sent again." in answer.text
    Delivery.objects.update(status="failed", due_at=None)
    answer = signed_in_client.post(f"{LOG}{delivery.pk}/resend/")
    assert answer.headers["Location"] == f"{LOG}{delivery.pk}/"
    assert Delivery.objects.get().status == "pending"


@pytest.mark.parametrize("since", ["", "nonsense", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_replay_since_no_moment_asks_again(signed_in_client, owner, endpoint, since):
    made = endpoint()
    delivery_of(owner, made)
    answer = signed_in_client.post(one(made, "replay"), {"since": since})
    assert answer.status_code == 200
    assert Delivery.objects.get().status == "failed"


def test_looking_again_stops_when_there_is_nothing_to_wait_for(signed_in_client, endpoint):
    made = endpoint()
    signed_in_client.post(one(made, "test"))
    sent = Delivery.objects.get()
    asked = f"{LOG}{sent.pk}/?part=state"
    waiting = signed_in_client.get(asked, headers={"HX-Request": "true"})
    assert "data-waiting" in waiting.text
    assert "HX-Trigger" not in waiting.headers
    Delivery.objects.update(lease_token=uuid7(), due_at=timezone.now() + timedelta(seconds=60))
    sending = signed_in_client.get(asked, headers={"HX-Request": "true"})
    assert "Being sent" in sending.text
    assert "data-waiting" in sending.text
    Delivery.objects.update(lease_token=None, due_at=timezone.now() - timedelta(minutes=2))
    late = signed_in_client.get(asked, headers={"HX-Request": "true"})
    assert "data-waiting" not in late.text
    assert "Is a worker running?" in late.text
    Delivery.objects.update(status="success", due_at=None, status_code=200)
    done = signed_in_client.get(asked, headers={"HX-Request": "true"})
    assert "data-waiting" not in done.text
    assert "delivered" in done.headers["HX-Trigger"]


def test_who_may_not_read_all_records_sees_no_body(olivia, owner, endpoint):
    delivery = delivery_of(owner, endpoint())
    permissions = {"webhooks": {"read": "all", "manage": True}, "contacts": {"read": "own"}}
    role = Role.objects.create(company=olivia.company, name="Hooks", permissions=permissions)
    User.objects.filter(pk=olivia.pk).update(role=role)
    page = browser(olivia).get(f"{LOG}{delivery.pk}/").text
    assert "The body tells of records that you may not all read." in page
    assert "firstName" not in page


# --- Whose they are -------------------------------------------------------------------------------------


def addresses(endpoint: Endpoint, delivery: Delivery) -> dict[str, list[str]]:
    of_one = [one(endpoint, what) for what in ("", "edit", "rotate", "delete", "replay")]
    posts = [one(endpoint, what) for what in ("switch", "resume", "end-overlap", "test")]
    sent = f"{LOG}{delivery.pk}/"
    return {"get": [LIST, LOG, NEW, *of_one, sent], "post": [NEW, *of_one[1:], *posts, f"{sent}resend/"]}


@pytest.mark.parametrize("who", ["max_", "rita"])
def test_members_and_readers_see_and_change_nothing(request, who, owner, endpoint):
    user = request.getfixturevalue(who)
    delivery = delivery_of(owner, made := endpoint())
    before = list(Endpoint.objects.values()), list(Delivery.objects.values()), Event.objects.count()
    client = browser(user)
    for method, urls in addresses(made, delivery).items():
        for url in urls:
            assert getattr(client, method)(url, FORM if method == "post" else {}).status_code == 403, url
    assert "/settings/webhooks/" not in client.get("/settings/profile/").text
    assert before == (list(Endpoint.objects.values()), list(Delivery.objects.values()), Event.objects.count())


def test_another_company_finds_nothing(sven, owner, endpoint):
    delivery = delivery_of(owner, made := endpoint())
    client = browser(sven)
    for method, urls in addresses(made, delivery).items():
        for url in urls:
            if str(made.pk) in url or str(delivery.pk) in url:
                assert getattr(client, method)(url).status_code == 404, url
    assert "receiver.example" not in client.get(LIST).text
    assert str(delivery.pk) not in client.get(f"{LOG}?webhook={made.pk}").text


def test_who_may_only_read_is_offered_nothing_to_do(olivia, endpoint):
    made = endpoint()
    role = Role.objects.create(
        company=olivia.company, name="Watch", permissions={"webhooks": {"read": "all"}}
    )
    User.objects.filter(pk=olivia.pk).update(role=role)
    client = browser(olivia)
    for address in (LIST, one(made)):
        page = client.get(address).text
        assert "receiver.example" in page
        assert "<form" not in page.split('id="settings"')[1].split("</main>")[0]
    assert client.get(NEW).status_code == 403


def test_forms_need_their_token(olivia, endpoint):
    made = endpoint()
    client = Client(enforce_csrf_checks=True)
    client.force_login(olivia)
    assert client.post(one(made, "delete")).status_code == 403
    assert Endpoint.objects.get().deleted_at is None

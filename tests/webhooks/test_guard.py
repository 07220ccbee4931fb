"""No delivery goes where it has no business: neither when an endpoint is saved nor when it is sent to."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network

import pytest

from bench.torture.vectors import HONEST, LITERAL, NAMED, REBINDING, VECTORS, recorded
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.sentences import sentence
from webhooks.checks import check_allowed_networks, check_loopback
from webhooks.guard import url_issues
from webhooks.models import Endpoint
from webhooks.services import create_endpoint, update_endpoint
from webhooks.transport import Answer, Sender


@pytest.fixture
def _strict(settings):
    """As an installation is without any setting."""
    settings.WEBHOOK_ALLOWED_NETWORKS = []


def send(url: str) -> Answer:
    async def post() -> Answer:
        async with Sender() as sender:
            return await sender.post(url, headers={}, body=b"{}")

    return asyncio.run(post())


def test_there_are_forty_four_vectors():
    assert len(set(VECTORS)) == 44


@pytest.mark.django_db
@pytest.mark.usefixtures("_strict")
def test_no_vector_that_can_be_told_by_its_spelling_is_saved(owner):
    connects: list[str] = []
    with recorded(connects):
        for url in LITERAL:
            with pytest.raises(ValidationFailed) as refused:
                create_endpoint(owner, {"url": url, "events": ["*"]})
            assert [issue.field for issue in refused.value.issues] == ["url"], url
        for url in NAMED:  # a name is judged when it is connected to, and saving asks nobody
            create_endpoint(owner, {"url": url, "events": ["*"]})
    assert connects == []
    assert Endpoint.objects.count() == len(NAMED)


@pytest.mark.usefixtures("_strict")
@pytest.mark.parametrize("url", VECTORS)
def test_no_vector_connects_when_it_is_sent_to(url):
    for _ in range(3):
        connects: list[str] = []
        with recorded(connects):
            answer = send(url)
        assert (answer.status_code, answer.error) == (None, "unreachable")
        # The name that changes its answer is judged by the answer that the connection then uses.
        assert connects == (["93.184.215.14"] if url == REBINDING else []), url


@pytest.mark.usefixtures("_strict")
def test_an_honest_address_is_connected_to():
    connects: list[str] = []
    with recorded(connects):
        answer = send(HONEST)
    assert connects == ["93.184.215.14"]
    assert answer.error == "unreachable"  # the same as what is blocked: strangers learn nothing


@pytest.mark.usefixtures("_strict")
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/hook", "url_not_https"),
        ("https://olivia:secret@example.com/", "url_with_password"),
        ("https://example.com:22/", "url_port"),
        ("https://example.com:99999/", "url_invalid"),
        ("ftp://example.com/", "url_invalid"),
        ("file:///etc/passwd", "url_invalid"),
        ("example.com/hook", "url_invalid"),
        ("https:///hook", "url_invalid"),
        ("https://exa mple.com/", "url_invalid"),
        ("https://example.com/\r\nX-Injected: 1", "url_invalid"),
        ("https://[::1", "url_invalid"),
        ("https://example.com/" + "x" * 3000, "too_long"),
        ("https://10.0.0.1/", "url_not_allowed"),
        ("https://localhost:8443/", "url_not_allowed"),
    ],
)
def test_an_address_that_is_refused_says_why(url, code):
    [issue] = url_issues(url)
    assert issue.code == code
    assert "https://example.com/webhooks" in sentence(issue)


@pytest.mark.usefixtures("_strict")
@pytest.mark.parametrize(
    "url", ["https://example.com", "https://hooks.bücher.example:8443/a?b=c#d", "https://93.184.215.14/"]
)
def test_an_honest_address_is_saved(url):
    assert url_issues(url) == []


def test_what_the_operator_allows_is_allowed_and_nothing_beside_it(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.20.0.0/16")]
    assert url_issues("http://10.20.1.2:8080/hook") == []
    assert url_issues("https://10.20.1.2/hook") == []
    assert url_issues("http://receiver.internal:8080/hook") == []  # judged when it is connected to
    for url in ("http://10.21.0.1/", "https://192.168.0.1/", "http://93.184.215.14/", "http://127.0.0.1/"):
        assert [issue.code for issue in url_issues(url)] == ["url_not_allowed"], url
    connects: list[str] = []
    with recorded(connects):
        assert send("http://public-first.example/hook").error == "unreachable"
        assert send("http://93.184.215.14/hook").error == "unreachable"
    assert connects == []


def test_a_network_that_would_let_everything_through_is_told_at_the_start(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("64:ff9b::/96")]
    [problem] = check_allowed_networks(None)
    assert problem.id == "webhooks.E001"
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.0.0.0/8")]
    assert check_allowed_networks(None) == check_loopback(None) == []
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    assert [problem.id for problem in check_loopback(None)] == ["webhooks.W001"]


@pytest.mark.django_db
def test_a_new_address_is_judged_like_the_first(owner, endpoint, settings):
    made = endpoint("https://receiver.example/hook")
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    with pytest.raises(ValidationFailed):
        update_endpoint(owner, made.pk, {"url": "https://169.254.169.254/"})

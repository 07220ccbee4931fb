"""What hostile receivers do to us: nothing but an attempt that failed, in time."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bench.torture.stage import Receivers, receivers
from tests.webhooks.receiver import Receiver
from webhooks import transport
from webhooks.transport import READ_LIMIT, Answer, Sender

DEADLINE = 1.0


@pytest.fixture(scope="module")
def hostile() -> Iterator[Receivers]:
    with receivers() as found:
        yield found


def post(*urls: str, deadline: float = DEADLINE, body: bytes = b"{}", **headers: str) -> list[Answer]:
    """The answers of one sender, in turn."""

    async def send() -> list[Answer]:
        async with Sender(deadline=deadline) as sender:
            return [await sender.post(url, headers=headers, body=body) for url in urls]

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("kind", "status_code", "error"),
    [
        ("ok", 200, ""),
        ("error", 500, ""),
        ("redirect", 302, ""),
        ("bomb", 200, ""),
        ("endless", 200, ""),
        ("junk", None, "protocol"),
        ("large-header", None, "protocol"),
        ("silence", None, "timeout"),
        ("drip-header", None, "timeout"),
        ("drip-body", None, "timeout"),
    ],
)
def test_whatever_is_answered_there_is_an_answer_before_the_deadline(hostile, kind, status_code, error):
    started = time.monotonic()
    [answer] = post(hostile.url(kind))
    assert time.monotonic() - started < DEADLINE + 1
    assert (answer.status_code, answer.error) == (status_code, error)
    assert len(answer.excerpt.encode()) <= 3 * 2048


def test_what_is_compressed_stays_so(hostile):
    [answer] = post(hostile.url("bomb"))
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.excerpt.startswith("\x1f")


def test_of_an_endless_answer_little_is_read(hostile, monkeypatch):
    read = []
    real = asyncio.StreamReader.read

    async def counted(self, limit=-1):
        data = await real(self, limit)
        read.append(len(data))
        return data

    monkeypatch.setattr(asyncio.StreamReader, "read", counted)
    post(hostile.url("endless"))
    assert sum(read) <= 2 * READ_LIMIT


def test_nobody_there_is_told_like_somebody_blocked():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        [answer] = post(url)
    assert (answer.status_code, answer.error) == (None, "unreachable")


def test_a_name_nobody_knows_is_unreachable():
    [answer] = post("https://receiver.invalid/")
    assert answer.error in ("unreachable", "timeout")


def test_a_name_server_that_never_answers_holds_nobody_up(monkeypatch):
    def hang(*_: object, **__: object) -> list[object]:
        time.sleep(2)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    [answer] = post("https://slow.example/", deadline=0.3)
    assert answer.error == "timeout"
    assert time.monotonic() - started < 1.5


def test_plain_text_where_tls_should_be_is_a_failure_of_tls(hostile):
    [answer] = post(hostile.url("ok").replace("http:", "https:"))
    assert answer.error == "tls"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    url = _tls_server(tmp_path)
    [answer] = post(url)
    assert (answer.status_code, answer.error) == (None, "tls")


def _tls_server(folder: Path) -> str:
    """A server with a certificate of its own making, for one connection."""
    certificate = folder / "certificate.pem"
    certificate.write_bytes(_own_certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener:
            connection, _ = listener.accept()
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)

    threading.Thread(target=serve, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}/"


def _own_certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    ).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    private = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return made.public_bytes(Encoding.PEM) + private


def test_a_connection_serves_several_deliveries_and_its_end_is_no_failure(receiver: Receiver):
    answers = post(*[receiver.url] * 3)
    assert [answer.status_code for answer in answers] == [200] * 3
    receiver.answer = lambda _: (200, {"Connection": "close"}, b"")
    assert [answer.status_code for answer in post(*[receiver.url] * 3)] == [200] * 3


def test_a_connection_that_was_closed_while_it_lay_idle_is_made_anew():
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    served = []

    def serve() -> None:
        for _ in range(2):  # each connection answers once and closes without a word
            connection, _ = listener.accept()
            with connection:
                served.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert [answer.status_code for answer in post(url, url)] == [200, 200]
    thread.join(5)
    listener.close()
    assert len(served) == 2


def test_no_cookie_of_a_receiver_comes_back(receiver: Receiver):
    receiver.answer = lambda _: (200, {"Set-Cookie": "planted=1"}, b"")
    post(*[receiver.url] * 2)
    assert not [request for request in receiver.requests if "cookie" in request.headers]


def test_the_address_is_sent_as_it_was_written(receiver: Receiver):
    post(receiver.url + "/ä?q=ü&x=%20#nothing")
    [request] = receiver.requests
    assert request.path == "/hook/%C3%A4?q=%C3%BC&x=%20"
    assert request.headers["host"] == receiver.url.split("/")[2]


def test_proxies_of_the_environment_are_not_asked(receiver: Receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert post(receiver.url)[0].status_code == 200


def test_text_that_databases_do_not_keep_is_replaced(receiver: Receiver):
    receiver.replies = [(200, {}, b"a\0b\xff\xed\xa0\x80")]
    [answer] = post(receiver.url)
    assert "\0" not in answer.excerpt
    assert answer.excerpt.startswith("a\ufffdb\ufffd")
    answer.excerpt.encode()


def test_idle_connections_are_closed_in_time(receiver: Receiver, monkeypatch):
    monkeypatch.setattr(transport, "IDLE_SECONDS", 0.1)

    async def send() -> tuple[int, int]:
        async with Sender() as sender:
            await sender.post(receiver.url, headers={}, body=b"{}")
            before = sum(map(len, sender._idle.values()))
            await asyncio.sleep(0.4)
            return before, sum(map(len, sender._idle.values()))

    assert asyncio.run(send()) == (1, 0)

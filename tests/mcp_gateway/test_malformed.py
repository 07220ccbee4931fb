"""Bodies nobody should send: always the right code, never a server error."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from tests.mcp_gateway.client import LEGACY, MODERN, Mcp

pytestmark = pytest.mark.django_db

COUNT = 1000
PARSE, REQUEST, PARAMS, METHOD = -32700, -32600, -32602, -32601
Case = tuple[bytes, set[int]]  # a body and the codes that are right for it; an empty set: any answer


def _number(rng: random.Random) -> int:
    return rng.choice([0, 1, -1, 2**31, 2**53, 2**63 - 1])


def _valid(rng: random.Random) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": _number(rng), "method": "tools/call", "params": {"name": "test_who"}}


def truncated(rng: random.Random) -> Case:
    body = json.dumps(_valid(rng)).encode()
    return body[: rng.randrange(1, len(body))], {PARSE}


def broken_utf8(rng: random.Random) -> Case:
    body = json.dumps({**_valid(rng), "method": "tööls/list"}, ensure_ascii=False).encode()
    at = body.index("ö".encode()) + 1
    return body[:at] + rng.choice([b"\xff", b"", b"\xc3", b"\xed\xa0\x80"]) + body[at + 1 :], {PARSE}


def not_a_number(rng: random.Random) -> Case:
    word = rng.choice(["NaN", "Infinity", "-Infinity", "1e999", "-1e400", "01", "+1", "0x10", ".5", "1."])
    return b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":%s}}' % word.encode(), {PARSE}


def too_deep(rng: random.Random) -> Case:
    depth = rng.choice([33, 40, 500, 5_000, 100_000])
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}")])
    value = opening * depth + ("1" if opening != "[" else "") + closing * depth
    return f'{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":{value}}}}}'.encode(), {PARSE}


def repeated_names(rng: random.Random) -> Case:
    name = rng.choice(["id", "method", "jsonrpc", "params"])
    members = json.dumps(_valid(rng))[1:-1]
    return f'{{{members},"{name}":{rng.choice(["1", "null", "{}"])}}}'.encode(), {PARSE}


def endless_integers(rng: random.Random) -> Case:
    digits = "9" * rng.choice([30, 4_000, 5_000, 60_000])
    return b'{"jsonrpc":"2.0","id":%s,"method":"ping"}' % digits.encode(), {PARSE, REQUEST}


def batches(rng: random.Random) -> Case:
    return json.dumps([_valid(rng) for _ in range(rng.randrange(4))]).encode(), {REQUEST}


def scalars(rng: random.Random) -> Case:
    return json.dumps(rng.choice([None, True, 7, "tools/list", 1.5, []])).encode(), {REQUEST}


def wrong_ids(rng: random.Random) -> Case:
    body = {**_valid(rng), "id": rng.choice([None, True, False, 1.5, [], {}, [1], 2**63, -(2**64), "\ud800"])}
    return json.dumps(body).encode(), {REQUEST}


def wrong_envelopes(rng: random.Random) -> Case:
    body = _valid(rng)
    member = rng.choice(["jsonrpc", "method"])
    if rng.random() < 0.3:
        del body[member]
    else:
        body[member] = rng.choice(
            [None, 2, 2.0, [], {}, True, "1.0"] if member == "jsonrpc" else [None, 2, [], {}, True]
        )
    return json.dumps(body).encode(), {REQUEST}


def wrong_params(rng: random.Random) -> Case:
    return json.dumps({**_valid(rng), "params": rng.choice([[], [1], "x", 7, True])}).encode(), {REQUEST}


def wrong_fields(rng: random.Random) -> Case:
    junk: list[object] = [None, 7, True, [], {}, 1.5, "\0", "\ud800"]
    params = rng.choice(
        [
            {},
            {"name": rng.choice([None, 7, True, [], {}])},
            {"name": "test_who", "arguments": rng.choice([7, True, [1], "nope", 1.5])},
            {"name": rng.choice(["", "\0", "\ud800", "x" * 5_000, "../etc"])},
            {"name": "test_who", "_meta": rng.choice(junk[1:4])},
        ]
    )
    return json.dumps({**_valid(rng), "params": params}).encode(), {PARAMS}


def odd_methods(rng: random.Random) -> Case:
    method = rng.choice(["", "\0", "\ud800", "tools/LIST", "__init__", "x" * 100_000, "tools/list\n", "🦊"])
    return json.dumps({**_valid(rng), "method": method, "params": {}}).encode(), {METHOD}


def odd_arguments(rng: random.Random) -> Case:
    junk: list[object] = [
        None,
        7,
        True,
        [],
        {},
        [[]],
        1e308,
        2**80,
        "\0",
        "\ud800",
        "x" * 9_000,
        {"\ud800": 1},
    ]
    names = ["entity", "rows", "filters", "dryRun", "idempotencyKey", "reason", "\0", "\ud800", "__class__"]
    arguments = {rng.choice(names): rng.choice(junk) for _ in range(rng.randrange(5))}
    if rng.random() < 0.5:
        arguments |= {"entity": "user", "rows": [rng.choice(junk)]}
    params = {"name": "test_rows", "arguments": arguments}
    return json.dumps({**_valid(rng), "params": params}).encode(), set()


def noise(rng: random.Random) -> Case:
    return rng.randbytes(rng.randrange(60)) + b"\0", {PARSE}


CASES: list[Callable[[random.Random], Case]] = [
    truncated,
    broken_utf8,
    not_a_number,
    too_deep,
    repeated_names,
    endless_integers,
    batches,
    scalars,
    wrong_ids,
    wrong_envelopes,
    wrong_params,
    wrong_fields,
    odd_methods,
    odd_arguments,
    noise,
]


def test_malformed_bodies_get_the_right_code_and_never_a_server_error(mcp: Mcp, settings):
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
    rng = random.Random(20260728)
    for number in range(COUNT):
        make = CASES[number % len(CASES)]
        version = rng.choice([MODERN, LEGACY, None])
        body, codes = make(rng)
        response = mcp.post(body, headers={} if version is None else {"MCP-Protocol-Version": version})
        seen = (make.__name__, number, body[:200], response.status_code, response.content[:300])
        assert response.status_code < 500, seen
        answer = json.loads(response.content)
        assert answer.get("jsonrpc") == "2.0", seen
        if "error" not in answer:
            assert answer["result"]["isError"] in (True, False), seen
            continue
        code = answer["error"]["code"]
        if version == MODERN and codes - {PARSE, REQUEST}:
            codes = {PARAMS}  # without protocol fields in `_meta` nothing else is looked at
        assert not codes or code in codes, seen
        kept_200 = version != MODERN and code in (PARAMS, METHOD)
        assert response.status_code == (200 if kept_200 else 400), seen


def test_wrong_arguments_in_the_modern_era_are_tool_results(mcp: Mcp, settings):
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
    rng = random.Random(7)
    for _ in range(200):
        arguments = json.loads(odd_arguments(rng)[0])["params"]["arguments"]
        response = mcp.send("tools/call", {"name": "test_rows", "arguments": arguments})
        result = json.loads(response.content)["result"]
        text = result["content"][0]["text"]
        assert response.status_code == 200
        assert text.startswith("Validation error:") == result["isError"], (arguments, text)


def test_the_id_comes_back_with_errors_where_it_can_be_read(mcp: Mcp):
    response = mcp.post({"jsonrpc": "1.0", "id": "q", "method": "ping"})
    assert json.loads(response.content)["id"] == "q"
    assert json.loads(mcp.post(b"{").content)["id"] is None

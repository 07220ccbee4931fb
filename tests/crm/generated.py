"""Rule trees and sorts that Hypothesis makes up for a world: always valid, often at the edge."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.crm import worlds
from tests.crm.oracle import fold
from tests.crm.worlds import World

WORDS = (
    *("today", "yesterday", "tomorrow", "startOfWeek", "startOfMonth", "startOfQuarter", "startOfYear"),
    *("endOfWeek", "endOfMonth", "endOfQuarter", "endOfYear", "TODAY", " endofmonth "),
)
_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def trees(world: World) -> SearchStrategy[Any]:
    """A rule, a list of rules, or groups of these, three deep at most."""
    names = [name for name, field in world.setup.catalog(world.entity).fields.items() if field.operators]
    rule = st.sampled_from(names).flatmap(lambda name: rules(world, name))
    group = st.recursive(
        rule,
        lambda part: st.one_of(
            st.builds(lambda parts: {"any": parts}, st.lists(part, min_size=1, max_size=3)),
            st.builds(lambda parts: {"all": parts}, st.lists(part, min_size=1, max_size=3)),
        ),
        max_leaves=5,
    )
    # Single rules first: most mistakes live in one of them.
    return st.one_of(rule, rule, rule, st.lists(group, min_size=1, max_size=3), group)


def rules(world: World, name: str) -> SearchStrategy[dict[str, Any]]:
    """A valid rule on this field: any of its operators, operands from its values and beyond."""
    field = world.setup.catalog(world.entity).fields[name]
    return st.sampled_from(field.operators).flatmap(
        lambda operator: operands(world, name, operator).map(
            lambda value: {"field": name, "operator": operator} | ({} if value is None else {"value": value})
        )
    )


def operands(world: World, name: str, operator: str) -> SearchStrategy[Any]:
    """A value that this operator takes on this field; None for no value."""
    one = single(world, name)
    match operator:
        case "isNull" | "isNotNull":
            return st.none()
        case "inLastDays" | "inNextDays":
            return st.sampled_from((0, 1, 6, 7, 8, 30, 400, 36_500, "7", " 030"))
        case "in" | "notIn":
            return st.lists(one, min_size=1, max_size=4)
        case "hasSome" | "hasNone":
            return st.none() | st.lists(one, min_size=1, max_size=3)
        case "between":
            return st.tuples(one, one).map(lambda pair: ordered(world, *pair))
        case "overlaps":
            return st.tuples(one, one).map(lambda pair: ordered(world, *pair)).flatmap(_spelled)
    return one


def ordered(world: World, left: Any, right: Any) -> list[Any]:
    """The two operands, the lower first; whole days include the times within them."""
    low, high = sorted((left, right), key=lambda item: _place(world, item))
    return [low, high]


def _place(world: World, item: Any) -> Any:
    try:
        return float(item)
    except ValueError:
        when = world.oracle.when(item)
        return str(world.oracle._day(when)) + (when.isoformat() if hasattr(when, "hour") else "")


def _spelled(pair: list[str]) -> SearchStrategy[Any]:
    return st.sampled_from((",".join(pair), {"start": pair[0], "end": pair[1]}))


def single(world: World, name: str) -> SearchStrategy[Any]:
    """One operand of a field."""
    subject = world.oracle.subjects[name]
    match subject.kind:
        case "links":
            return st.sampled_from([*world.others[name], *(["me"] if name == "userIds" else [])])
        case "user" | "choice":
            known = [*map(str, subject.order), *subject.names]
            return st.sampled_from(known)
        case "boolean":
            return st.sampled_from((True, False, "true", "False"))
        case "number" | "currency":
            return st.sampled_from(worlds.NUMBER_POOL).flatmap(
                lambda text: st.sampled_from((text, float(text)))
            ) | (st.integers(-(10**11) + 1, 10**11 - 1))
        case "plain" | "email" | "phone" | "link":
            return texts(subject.kind)
    return days(world)


def texts(kind: str) -> SearchStrategy[str]:
    """Texts that fields hold, parts of them, and whatever else there is."""
    pool = {"email": worlds.EMAIL_POOL, "phone": tuple(worlds.PHONE_POOL), "link": worlds.LINK_POOL}
    whole = st.sampled_from(pool.get(kind, worlds.TEXT_POOL))
    part = st.tuples(whole, st.integers(0, 4), st.integers(1, 220)).map(
        lambda cut: cut[0][cut[1] : cut[1] + cut[2]]
    )
    wild = st.text(_LETTERS, min_size=1, max_size=6)
    free: SearchStrategy[str] = whole if kind == "phone" else st.one_of(whole, part, wild)
    return free.filter(lambda text: bool(fold(text.strip())) and len(text) < 250)


def days(world: World) -> SearchStrategy[str]:
    """Days and moments: words, steps, dates, and times in every spelling."""
    steps = st.builds("{:+d}{}".format, st.integers(-40, 40), st.sampled_from("dwmy"))
    known = [value for record in world.records for value in record.values() if hasattr(value, "isoformat")]
    known += [end for record in world.records for v in record.values() if isinstance(v, tuple) for end in v]
    exact = st.sampled_from([value.isoformat() for value in known] or ["2026-06-15"])
    day = exact.map(lambda text: text[:10])
    clock = st.sampled_from(("00:00", "02:30", "23:59:59.999999", "22:00:00.5", "12:00:00"))
    zone = st.sampled_from(("", "Z", "z", "+02:00", "-0500", "+05:30"))
    moment = st.builds("{}T{}{}".format, day, clock, zone)
    return st.one_of(st.sampled_from(WORDS), steps, day, day, exact, moment)


def sorts(world: World) -> SearchStrategy[list[tuple[str, str]]]:
    """One to three keys in mixed directions, each on another column."""
    fields = world.setup.catalog(world.entity).fields
    by_column = {field.slots: name for name, field in fields.items() if field.is_sortable}
    key = st.tuples(st.sampled_from(list(by_column.values())), st.sampled_from(("asc", "desc")))
    return st.lists(key, min_size=1, max_size=3, unique_by=lambda pair: pair[0])

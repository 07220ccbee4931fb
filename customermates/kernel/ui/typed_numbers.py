"""Numbers as people type them: by the signs of their locale, with a currency or spaces if they like.

What can only be meant in one way is read in that way, whoever types it: 1.234,50 is no riddle to an
Englishman, and 1,5 is no thousands. What could be meant in two ways is refused, with both of them. So is
money in another currency than what is asked for: a hundred dollars are not a hundred euros.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from babel import Locale
from babel.numbers import format_decimal, get_currency_symbol, get_decimal_symbol

from customermates.kernel.errors import Issue, ValidationFailed

LONGEST = 60  # characters
_SAMPLE = Decimal("1234.5")
_APOSTROPHES = str.maketrans(
    dict.fromkeys(map(ord, "\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}`"), "'")
)
_TYPED = re.compile(r"(?P<before>[^\d.,]*)(?P<number>[\d.,](?:[\d., ']*\d)?)(?P<after>[^\d.,]*)", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:(?P<by>[., '])\d{3})(?:(?P=by)\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}", re.ASCII)


def read_number(text: str, locale: Locale, *, currency: str | None = None) -> Decimal:
    """The number that `text` means to somebody of `locale`; ValidationFailed when it is none, or two.

    It is money with a `currency`, which may stand beside it; "" is money in a currency nobody knows here.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).strip()
    found = _TYPED.fullmatch(plain) if len(plain) <= LONGEST else None
    if found is None:
        _refuse(locale)
    before, number, after = found.group("before", "number", "after")
    sign, around = _sign(before)
    words = [word for word in (around, after.strip()) if word]
    if words and (currency is None or not all(_is_currency(word, locale) for word in words)):
        _refuse(locale)
    whole, fraction = _parts(number, locale)
    if not re.fullmatch(r"\d*", fraction, re.ASCII):
        _refuse(locale)
    if not whole.isdecimal() and not (whole == "" and fraction) and not _GROUPED.fullmatch(whole):
        _refuse(locale)
    for word in words:
        _check_currency(word, currency or "", locale)
    digits = re.sub(r"[^\d]", "", whole) or "0"
    return Decimal(f"{sign}{digits}.{fraction or 0}")


def number_text(value: Decimal, locale: Locale, *, is_money: bool = False) -> str:
    """`value` ready to be edited: no grouping, the decimal sign of `locale`, and never to be misread.

    Money has all of its cents or none, as where it is only read.
    """
    text = f"{value.normalize():f}"
    whole, point, fraction = text.partition(".")
    if _is_like_a_group(whole.lstrip("-"), fraction) or (is_money and len(fraction) == 1):
        fraction += "0"
    return f"{whole}{get_decimal_symbol(locale) if point else ''}{fraction}"


def _parts(number: str, locale: Locale) -> tuple[str, str]:
    """What is before the decimal sign and what after it."""
    signs = [sign for sign in number if sign in ".,"]
    if not signs:
        return number, ""
    whole, _, fraction = number.rpartition(signs[-1])
    if len(set(signs)) == 2:
        return whole, fraction  # the last one is the decimal sign, the others group
    if len(signs) > 1:
        return number, ""  # a decimal sign comes only once
    if not _is_like_a_group(whole, fraction):
        if len(fraction) == 3 and whole.isdecimal() and whole[0] != "0" and signs[0] != _decimal(locale):
            _ask_which(number, whole, fraction, locale)  # 1234,567: a slip in either way
        return whole, fraction
    if signs[0] != _group(locale):
        _ask_which(number, whole, fraction, locale)
    return number, ""


def _is_like_a_group(whole: str, fraction: str) -> bool:
    """Whether the sign between these two could as well stand between thousands."""
    return len(fraction) == 3 and 1 <= len(whole) <= 3 and whole.isdecimal() and whole[0] != "0"


def _sign(before: str) -> tuple[str, str]:
    """The sign among what comes before a number, and the rest of that."""
    before = before.replace("\N{MINUS SIGN}", "-")
    for sign in "-+":
        if before.count(sign) == 1:
            return sign, before.replace(sign, "").strip()
    return "", before.strip()


def _decimal(locale: Locale) -> str:
    return str(get_decimal_symbol(locale))


def _group(locale: Locale) -> str:
    """The sign that people of `locale` put between thousands, in numbers or in money; maybe a space."""
    symbols = locale.number_symbols["latn"]
    return str(symbols.get("currencyGroup") or symbols["group"])


def _is_currency(word: str, locale: Locale) -> bool:
    return word in _currencies(locale) or (len(word) <= 4 and unicodedata.category(word[-1]) == "Sc")


@lru_cache(maxsize=64)
def _currencies(locale: Locale) -> frozenset[str]:
    """Codes of currencies, and the symbols that `locale` has for some of them."""
    symbols = (unicodedata.normalize("NFKC", symbol) for symbol in locale.currency_symbols.values())
    return frozenset({*symbols, *locale.currencies})


def _check_currency(word: str, currency: str, locale: Locale) -> None:
    """Refuse `word`, a code or sign beside an amount, when it is not that of `currency`."""
    if not currency:
        raise ValidationFailed(Issue("", "currency_of_each", {"text": word}))
    if word not in _signs(currency, locale):
        raise ValidationFailed(Issue("", "other_currency", {"text": word, "currency": currency}))


@lru_cache(maxsize=256)
def _signs(currency: str, locale: Locale) -> frozenset[str]:
    """How people write `currency` beside an amount: USD, US$ and $."""
    symbols = {get_currency_symbol(currency, locale), get_currency_symbol(currency, Locale("en"))}
    plain = {unicodedata.normalize("NFKC", symbol) for symbol in symbols}
    signs = {symbol[-1] for symbol in plain if unicodedata.category(symbol[-1]) == "Sc"}
    return frozenset({currency, *plain, *signs})


def _refuse(locale: Locale) -> NoReturn:
    sample = format_decimal(_SAMPLE, "#,##0.00", locale)
    raise ValidationFailed(Issue("", "no_number", {"sample": sample}))


def _ask_which(number: str, whole: str, fraction: str, locale: Locale) -> NoReturn:
    small, large = Decimal(f"{whole}.{fraction}"), Decimal(whole + fraction)
    params = {"text": number, "small": number_text(small, locale), "large": number_text(large, locale)}
    raise ValidationFailed(Issue("", "ambiguous_number", params))

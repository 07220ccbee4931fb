"""Numbers as people type them: everybody's own signs, and nobody's riddle."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from customermates.kernel.errors import ValidationFailed
from customermates.kernel.ui.formats import LOCALES
from customermates.kernel.ui.typed_numbers import number_text, read_number

locales = st.sampled_from([Locale.parse(name, sep="-") for name in LOCALES])
amounts = st.decimals(min_value=-(10**10), max_value=10**10, places=2)


def read(text: str, locale: str, currency: str | None = "EUR") -> Decimal:
    return read_number(text, Locale.parse(locale, sep="-"), currency=currency)


def refused(text: str, locale: str, currency: str | None = "EUR") -> dict[str, object]:
    """The code with its params, as one."""
    with pytest.raises(ValidationFailed) as failed:
        read(text, locale, currency)
    [issue] = failed.value.issues
    return {"code": issue.code, **issue.params}


@pytest.mark.parametrize(
    ("locale", "text", "number"),
    [
        ("en-GB", "1,234.50", "1234.5"),
        ("en-GB", "€1,234.50", "1234.5"),
        ("en-GB", "1,500", "1500"),
        ("en-GB", "1,5", "1.5"),  # no thousands are written like this
        ("en-GB", "1.234,50", "1234.5"),
        ("en-GB", "1.234.567", "1234567"),
        ("en-GB", "1234.567", "1234.567"),
        ("en-GB", "0.125", "0.125"),
        ("en-GB", ".5", "0.5"),
        ("en-GB", "\N{MINUS SIGN}5", "-5"),
        ("de-DE", "1.234,50", "1234.5"),
        ("de-DE", "1.234,50 €", "1234.5"),
        ("de-DE", "1.500", "1500"),
        ("de-DE", "1,234.50", "1234.5"),
        ("de-DE", "12.5", "12.5"),
        ("de-DE", "1 234,5", "1234.5"),
        ("de-AT", "€ 1.234", "1234"),
        ("de-CH", "1'234", "1234"),
        ("fr-FR", "1\N{NARROW NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€", "1234.5"),
    ],
)
def test_what_can_be_meant_in_one_way_is_read_in_that_way(locale: str, text: str, number: str):
    assert read(text, locale) == Decimal(number)


@pytest.mark.parametrize(
    ("locale", "text", "small", "large"),
    [
        ("en-GB", "1.500", "1.5", "1500"),
        ("en-GB", "1.125", "1.1250", "1125"),
        ("de-DE", "1,500", "1,5", "1500"),
        ("de-CH", "1,234", "1.2340", "1234"),
        ("fr-FR", "1.234", "1,2340", "1234"),
        ("en-GB", "1234,567", "1234.567", "1234567"),
    ],
)
def test_what_can_be_meant_in_two_ways_is_asked_for_in_words_that_work(
    locale: str, text: str, small: str, large: str
):
    told = refused(text, locale)
    assert told == {"code": "ambiguous_number", "text": text, "small": small, "large": large}
    assert read(large, locale) == read(small, locale) * 1000


@pytest.mark.parametrize(
    "text",
    [
        *(
            "many",
            "1e5",
            "1_000",
            "0x1F",
            "NaN",
            "∞",
            "1,2,3",
            "1.2.3",
            "1,23,4",
            "12 34",
            "1.234,5.6",
            "--5",
        ),
        *(".", ",", "-", "€", "5 5 €", "€5€ x", "5.", "1'23", "٣", "9" * 61, "1 234.567,5", "5 apples"),
    ],
)
@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_what_is_no_number_is_refused_with_one_that_would_do(text: str, locale: str):
    sample = {"en-GB": "1,234.50", "de-DE": "1.234,50"}[locale]
    assert refused(text, locale) == {"code": "no_number", "sample": sample}
    assert read(sample, locale) == Decimal("1234.5")


@pytest.mark.parametrize(
    ("locale", "currency", "text", "number"),
    [
        ("en-GB", "GBP", " -£ 5 ", "-5"),
        ("en-GB", "GBP", "£-5", "-5"),
        ("en-GB", "USD", "USD 1,234.5", "1234.5"),
        ("en-GB", "USD", "US$12", "12"),
        ("en-GB", "USD", "$12", "12"),
        ("en-US", "CAD", "$12", "12"),  # what Canadians write as well
        ("en-US", "CAD", "CA$12", "12"),
        ("en-IN", "INR", "₹12,34,567.50", "1234567.5"),
        ("de-CH", "CHF", "CHF 1’234.50", "1234.5"),
        ("sv-SE", "SEK", "1 234,50 kr", "1234.5"),
        ("cs-CZ", "CZK", "1 234,50 Kč", "1234.5"),
    ],
)
def test_the_currency_itself_may_stand_beside_the_amount(locale: str, currency: str, text: str, number: str):
    assert read(text, locale, currency) == Decimal(number)


@pytest.mark.parametrize(
    ("currency", "text", "word"),
    [
        ("EUR", "$100", "$"),
        ("EUR", "100 USD", "USD"),
        ("EUR", "€100 USD", "USD"),
        ("EUR", "£-5", "£"),
        ("USD", "CA$12", "CA$"),
        ("USD", "12 €", "€"),
    ],
)
@pytest.mark.parametrize("locale", ["en-GB", "en-US", "de-DE"])
def test_another_currency_is_no_slip_to_be_read_over(locale: str, currency: str, text: str, word: str):
    assert refused(text, locale, currency) == {"code": "other_currency", "text": word, "currency": currency}


def test_where_each_record_has_its_own_currency_none_can_be_meant():
    assert read("100", "en-GB", "") == 100
    assert refused("€100", "en-GB", "") == {"code": "currency_of_each", "text": "€"}


def test_only_money_has_a_currency():
    assert refused("€5", "en-GB", None)["code"] == "no_number"


@given(amounts, locales, st.sampled_from(["EUR", "USD", "GBP", "CHF", "SEK", "PLN", "INR", "BRL"]))
def test_money_is_read_as_it_is_shown(amount: Decimal, locale: Locale, currency: str):
    shown = format_currency(amount, currency, locale=locale)
    assert read_number(shown, locale, currency=currency) == amount


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=4), locales, st.booleans())
def test_what_stands_ready_to_be_edited_is_never_misread(value: Decimal, locale: Locale, is_money: bool):
    assert read_number(number_text(value, locale, is_money=is_money), locale) == value


@pytest.mark.parametrize(("amount", "then"), [("228.0000", "228"), ("38.4", "38,40"), ("1.125", "1,1250")])
def test_money_ready_to_be_edited_has_all_of_its_cents_or_none(amount: str, then: str):
    assert number_text(Decimal(amount), Locale("de"), is_money=True) == then


@given(amounts, locales)
def test_numbers_are_read_as_they_are_shown(value: Decimal, locale: Locale):
    assert read_number(format_decimal(value, locale=locale), locale) == value

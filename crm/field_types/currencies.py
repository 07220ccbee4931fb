"""Currencies that amounts can be in (ISO 4217 codes)."""

from __future__ import annotations

CURRENCIES = tuple(
    "EUR USD GBP CHF JPY CNY INR BRL CAD AUD SEK NOK DKK PLN CZK HUF TRY TWD ZAR MXN KRW HKD SGD NZD "
    "AED SAR ILS "
    "BGN RON ISK UAH RSD ARS CLP COP PEN EGP MAD NGN KES THB VND IDR MYR PHP PKR BDT QAR KWD".split()
)

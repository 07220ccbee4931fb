"""How receivers check where a delivery comes from: code to copy, which tests run against real deliveries."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Recipe:
    """A check in one language, with nothing but its standard library."""

    name: str
    label: str
    told: str | Promise
    text: str


PYTHON = """\
import base64, hashlib, hmac, time

def is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    sent_at = headers["webhook-timestamp"]
    if abs(time.time() - int(sent_at)) > 300:
        return False  # too old: somebody may be repeating it
    typed = not secret.startswith("whsec_")
    key = secret.encode() if typed else base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))
    given = headers["webhook-signature"].encode().split()
    return any(hmac.compare_digest(expected, one) for one in given)
"""

JAVASCRIPT = """\
import { createHmac, timingSafeEqual } from "node:crypto";

export function isGenuine(secret, headers, body) {
  const sentAt = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(sentAt)) <= 300)) return false; // too old
  const typed = !secret.startsWith("whsec_");
  const key = typed ? Buffer.from(secret) : Buffer.from(secret.slice(6), "base64");
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${sentAt}.`), Buffer.from(body)]);
  const expected = createHmac("sha256", key).update(signed).digest();
  return headers["webhook-signature"].split(" ").some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
"""

BODY_ALONE = """\
import hashlib, hmac

def is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers["x-webhook-signature"])
"""

_BY_STANDARD = _("Headers in lower case, the body as it came, before any JSON parser.")
RECIPES = (
    Recipe("python", "Python", _BY_STANDARD, PYTHON),
    Recipe("javascript", "JavaScript", _BY_STANDARD, JAVASCRIPT),
    Recipe(
        "body",
        "X-Webhook-Signature",
        _("The older header signs the body alone: simpler, and blind to repetitions."),
        BODY_ALONE,
    ),
)

"""How receivers check where a delivery comes from: code to copy."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Recipe:
    """A check with nothing but the standard library of a language."""

    name: str
    label: str
    told: str | Promise
    text: str


# As in docs/webhooks.md, whose tests run them.
PYTHON = """\
import base64, hashlib, hmac, time


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        return False
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return any(
        hmac.compare_digest(f"v1,{expected}".encode(), given.encode())
        for given in headers["webhook-signature"].split(" ")
    )
"""

JAVASCRIPT = """\
const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

async function verify(secret, headers, body) {
  const timestamp = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false;
  const raw = secret.startsWith("whsec_") ? bytes(secret.slice(6)) : new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const signed = new TextEncoder().encode(`${headers["webhook-id"]}.${timestamp}.${body}`);
  for (const given of headers["webhook-signature"].split(" ")) {
    const [version, signature] = given.split(",");
    if (version === "v1" && (await crypto.subtle.verify("HMAC", key, bytes(signature), signed))) return true;
  }
  return false;
}
"""

BODY_ALONE = """\
import hashlib, hmac

expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
is_genuine = hmac.compare_digest(expected, headers["X-Webhook-Signature"])
"""

RECIPES = (
    Recipe(
        "python", "Python", _("Headers in lower case, the body as it came, before any JSON parser."), PYTHON
    ),
    Recipe("javascript", "JavaScript", _("In Node.js, Deno, Bun and workers alike."), JAVASCRIPT),
    Recipe(
        "body",
        "X-Webhook-Signature",
        _("Receivers that were built for this header keep working; it signs the body alone."),
        BODY_ALONE,
    ),
)

"""What this package says when something is wrong, per issue code."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "url_invalid": _("This is not an address that deliveries can be sent to."),
    "url_with_password": _(
        "A user name or password in the address would be shown to everybody. Send it as a custom header."
    ),
    "url_port": _("Deliveries are sent to the ports 80, 443 and 1024 to 65535 only."),
    "url_not_https": _("The address must start with https://."),
    "url_not_allowed": _(
        "Deliveries are sent to public addresses by https only; whoever runs this installation can allow "
        "others with WEBHOOK_ALLOWED_NETWORKS."
    ),
    "unknown_event": _("There is no event %(event)s."),
    "event_beyond_yours": _(
        "These events tell of records that you may not read all of: %(permission)s is missing."
    ),
    "filter_of_other_entity": _("This webhook is told of no event about such records."),
    "header_name": _("This is not the name of an HTTP header of at most %(limit)s characters."),
    "header_reserved": _("This header is the product's own. Choose another name."),
    "header_twice": _("This header is named twice."),
    "header_for_other_host": _(
        "The address has another host now, so the values of custom headers are not sent there unseen: "
        "send them again, or leave them out."
    ),
    "header_value": _("The value of a header is 1 to %(limit)s printable ASCII characters."),
    "secret_form": _("A secret has %(shortest)s to %(longest)s printable characters."),
    "secret_not_base64": _(
        "What follows %(prefix)s must be base64. Leave %(prefix)s away to use the text itself as the secret."
    ),
    "secret_by_rotation": _(
        "The secret of a webhook is replaced by rotating it, so that no delivery is lost."
    ),
    "stale_webhook": _("The webhook has version %(current)s by now: somebody changed it. Look again."),
    "too_many_endpoints": _(
        "A company has at most %(limit)s webhooks. Delete one that is not needed any more."
    ),
    "unknown_webhook": _("There is no webhook with the id %(id)s."),
    "unknown_delivery": _("There is no delivery with the id %(id)s; they are kept for a limited time."),
    "webhook_not_sending": _("This webhook is paused, switched off or deleted. Resume it first."),
    "being_sent": _("This delivery is being sent at this moment. Look again in a few seconds."),
    "not_paused": _("This webhook is neither paused nor switched off."),
    "no_overlap": _("There is no older secret that could still be used."),
}

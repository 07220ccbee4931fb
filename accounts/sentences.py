"""What this package says when something is wrong, per issue code."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "unknown_resource": _("There is nothing called %(name)s to permit."),
    "invalid_access": _("This must say how far reading goes and whether managing is allowed."),
    "invalid_choice": _("This is not one of the choices."),
    "manage_without_read": _("Managing needs reading: give read “own” or “all”."),
    "unknown_scope": _("There is no scope %(scope)s."),
    "unknown_toolset": _("There is no toolset %(toolset)s."),
    "scope_beyond_role": _("The role of this user does not cover the scope %(scope)s."),
    "secret_not_kept": _(
        "This answer holds a secret, which is not kept for a retry: send no Idempotency-Key."
    ),
    "scopes_or_preset": _("Send either scopes or a preset."),
    "named_twice": _("This is named twice: send it once."),
    "wrong_etag": _("This is no ETag of ours: send that of the answer that you read, with its quotes."),
    "keys_not_by_key": _("API keys are made, changed and revoked by people, never by an API key."),
    "api_key_not_found": _("There is no such API key."),
    "api_key_not_usable": _("This API key is revoked, expired or already replaced. Create a new one."),
    "too_long": _("This is longer than %(limit)s characters."),
    "not_in_future": _("This must be a time in the future."),
    "invalid_network": _("%(value)s is not an IP address or network."),
    "too_many": _("At most %(limit)s are possible here."),
    "invalid_email": _("%(value)s is not an e-mail address."),
    "email_taken": _("A user with the e-mail address %(value)s exists already."),
    "weak_password": "%(message)s",  # Django has translated it
    "unknown_role": _("There is no such role in this company."),
    "unknown_user": _("There is no such user in this company."),
    "role_beyond_yours": _("This role may do more than you may, so you cannot give or take it."),
    "last_admin": _("This is the last active administrator. Make somebody else administrator first."),
    "role_name_taken": _("Another role has this name."),
    "role_shipped": _("This role comes with the product and cannot be changed or deleted."),
    "role_in_use": _("This role still has %(count)s users. Give them another role first."),
    "idempotency_key_invalid": _("An idempotency key has 1 to 255 characters."),
    "idempotency_key_reused": _(
        "This idempotency key was used for another request. Use a new key for a new action."
    ),
    "idempotency_in_progress": _(
        "A request with this idempotency key is still running. Try again with the same key."
    ),
    "form_token_invalid": _("This form is not one of ours. Open it again."),
    "form_sent_before": _(
        "This form was sent before with other values, and they were saved. "
        "Change what they made, or send this once more to make another one."
    ),
    "form_being_saved": _("This form is being saved already. Look again in a moment."),
    "profile_by_person": _("People change their own profile, signed in; nobody else does."),
    "unknown_time_zone": _("There is no such time zone."),
    "link_only_before_first_sign_in": _(
        "%(email)s has signed in before, so nobody else can set their password."
    ),
    "already_set_up": _("This installation is set up already. Sign in."),
    "company_name_taken": _("A company named %(value)s exists already."),
}

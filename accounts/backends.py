"""How a session finds its person again."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class EmailBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """Sign-in by e-mail; a request loads user, role and company in one query."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("role", "company").filter(pk=user_id).first()
        # Deactivation acts on the next request: the session is there but stands for nobody.
        return user if user is not None and self.user_can_authenticate(user) else None

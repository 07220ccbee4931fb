"""Companies and the people in them: every change to them, on record."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.actor import Actor, Via, system_actor
from accounts.events import EventDraft, difference, record
from accounts.models import Company, Role, User
from accounts.permissions import SHIPPED_ROLES
from customermates.kernel.errors import Conflict, Issue, NotAllowed, NotFound, ValidationFailed
from customermates.kernel.registry import Registry

# What an upper package gives every new company (crm: its first pipeline), in the same transaction.
COMPANY_STARTERS: Registry[Callable[[Actor], None]] = Registry("company starter")
# Fills a company with believable data for a first look; called by `setup --sample-data`.
SAMPLE_DATA: Registry[Callable[[Actor], None]] = Registry("sample data")

ADMIN = "admin"
# Shipped roles are known by these names in every language's data; people may see them translated.
ROLE_NAMES = {"admin": "Admin", "member": "Member", "read-only": "Read-only"}
NAME_LENGTH = 255
EMAIL_LENGTH = 254  # RFC 5321 §4.5.3.1.3: a path is at most 256 octets, two of them brackets


@transaction.atomic
def create_company(
    *,
    name: str,
    email: str,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    currency: str = "EUR",
    time_zone: str = "UTC",
    language: str = "en",
    via: Via = "system",
) -> tuple[Company, User]:
    """A new company with its shipped roles, and its first administrator. `password` None: none works yet."""
    name = name.strip()
    ValidationFailed.raise_if(name_issues("name", name, required=True))
    company = Company.objects.create(name=name, currency=currency, time_zone=time_zone)
    Role.objects.bulk_create(
        [Role(company=company, name=ROLE_NAMES[shipped], shipped=shipped) for shipped in SHIPPED_ROLES]
    )
    actor = system_actor(company, via=via)
    for start in COMPANY_STARTERS.values():
        start(actor)
    user = add_user(
        actor,
        email=email,
        role=ADMIN,
        password=password,
        first_name=first_name,
        last_name=last_name,
        language=language,
    )
    created = {"name": company.name, "currency": company.currency, "timeZone": company.time_zone}
    draft = EventDraft(
        name="company.created", entity="company", entity_id=company.pk, changes=difference({}, created)
    )
    record(actor, [draft])
    return company, user


@transaction.atomic
def add_user(
    actor: Actor,
    *,
    email: str,
    role: str,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    language: str = "en",
) -> User:
    """A new active person in the actor's company. `role` is a shipped role's name or a role's id.

    Their address counts as verified: whoever adds them vouches for it.
    """
    actor.require("write", "users")
    email = email.strip().lower()
    user = User(company_id=actor.company_id, email=email, first_name=first_name, last_name=last_name)
    user.language = language
    issues = [
        *_email_issues(email),
        *name_issues("firstName", first_name),
        *name_issues("lastName", last_name),
        *_password_issues(password, user),
    ]
    if language not in User.Language.values:
        issues.append(Issue("language", "invalid_choice", {"allowed": User.Language.values}))
    ValidationFailed.raise_if(issues)
    user.role = _get_grantable_role(actor, role)
    user.set_password(password)
    try:
        with transaction.atomic():  # a savepoint, so a taken address leaves the caller's transaction whole
            user.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationFailed(Issue("email", "email_taken", {"value": email})) from error
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    created = {"email": email, "role": user.role.name, "firstName": first_name, "lastName": last_name}
    _record_user(actor, "user.created", user, previous={}, current=created)
    return user


def remember_sample_data(actor: Actor) -> None:
    """What `actor` did in this change set is the company's sample data, to be known when it shall go."""
    Company.objects.filter(pk=actor.company_id).update(sample_change_set=actor.change_set)


@transaction.atomic
def change_role(actor: Actor, user_id: UUID, *, role: str) -> User:
    """The person has another role from the next request on. The last active administrator keeps theirs."""
    actor.require("write", "users")
    _lock_administrators(actor)
    user = _get_user(actor, user_id)
    _require_may_grant(actor, user.role, field="role")
    new = _get_grantable_role(actor, role)
    if new.pk == user.role_id:
        return user
    if new.shipped != ADMIN:
        _require_not_last_admin(user)
    previous, user.role = user.role, new
    user.save(update_fields=["role", "updated_at"])
    _record_user(actor, "user.updated", user, previous={"role": previous.name}, current={"role": new.name})
    return user


@transaction.atomic
def change_status(actor: Actor, user_id: UUID, *, status: str) -> User:
    """The person may act, or not, from the next request on; sessions and keys need no ending."""
    actor.require("write", "users")
    if status not in User.Status.values:
        raise ValidationFailed(Issue("status", "invalid_choice", {"allowed": User.Status.values}))
    _lock_administrators(actor)
    user = _get_user(actor, user_id)
    _require_may_grant(actor, user.role, field="status")
    if status == user.status:
        return user
    if status != User.Status.ACTIVE:
        _require_not_last_admin(user)
    previous, user.status = user.status, User.Status(status)
    user.save(update_fields=["status", "updated_at"])
    _record_user(actor, "user.updated", user, previous={"status": previous}, current={"status": status})
    return user


@transaction.atomic
def make_first_link(actor: Actor, user_id: UUID) -> tuple[User, str]:
    """The key of a link by which this person, who never signed in, chooses their first password.

    It works once and for PASSWORD_RESET_TIMEOUT. For anybody else it would be a way into their account.
    """
    actor.require("write", "users")
    user = _get_user(actor, user_id)
    _require_may_grant(actor, user.role, field="userId")
    if user.last_login is not None or user.has_usable_password():
        raise Conflict(Issue("userId", "link_only_before_first_sign_in", {"email": user.email}))
    _record_user(actor, "user.linkMade", user, previous={}, current={})
    return user, f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"


def find_role(company_id: UUID, role: str) -> Role | None:
    """The role of this company that `role` names: a shipped name or an id."""
    roles = Role.objects.filter(company_id=company_id)
    if role in SHIPPED_ROLES:
        return roles.get(shipped=role)
    try:
        return roles.filter(pk=UUID(role)).first()
    except ValueError:
        return None


def _get_grantable_role(actor: Actor, role: str) -> Role:
    found = find_role(actor.company_id, role)
    if found is None:
        raise ValidationFailed(Issue("role", "unknown_role", {"allowed": list(SHIPPED_ROLES)}))
    _require_may_grant(actor, found, field="role")
    return found


def _require_may_grant(actor: Actor, role: Role, *, field: str) -> None:
    # Else whoever manages users could make themselves, or a friend, an administrator.
    if not actor.may_grant(role.access()):
        raise NotAllowed(Issue(field, "role_beyond_yours"))


def _get_user(actor: Actor, user_id: UUID) -> User:
    user = User.objects.select_related("role").filter(company_id=actor.company_id, pk=user_id).first()
    if user is None:
        raise NotFound(Issue("userId", "unknown_user"))
    return user


def _lock_administrators(actor: Actor) -> None:
    # Two administrators who demote each other at the same moment must not both succeed.
    administrators = User.objects.filter(company_id=actor.company_id, role__shipped=ADMIN)
    list(administrators.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _require_not_last_admin(user: User) -> None:
    others = User.objects.filter(
        company_id=user.company_id, role__shipped=ADMIN, status=User.Status.ACTIVE
    ).exclude(pk=user.pk)
    if user.role.shipped == ADMIN and user.is_active and not others.exists():
        raise Conflict(Issue("", "last_admin"))


def _record_user(
    actor: Actor, name: str, user: User, *, previous: dict[str, str], current: dict[str, str]
) -> None:
    changes = difference(previous, current)
    record(actor, [EventDraft(name=name, entity="user", entity_id=user.pk, changes=changes)])


def name_issues(field: str, text: str, *, required: bool = False) -> list[Issue]:
    """What is wrong with a name of a person or company."""
    if required and not text:
        return [Issue(field, "required")]
    return [Issue(field, "too_long", {"limit": NAME_LENGTH})] if len(text) > NAME_LENGTH else []


def _email_issues(email: str) -> list[Issue]:
    try:
        validate_email(email)
    except ValidationError:
        return [Issue("email", "invalid_email", {"value": email or gettext("Nothing")})]
    if len(email) > EMAIL_LENGTH:
        return [Issue("email", "too_long", {"limit": EMAIL_LENGTH})]
    if User.objects.filter(email=email).exists():
        return [Issue("email", "email_taken", {"value": email})]
    return []


def _password_issues(password: str | None, user: User) -> list[Issue]:
    if password is None:
        return []
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Issue("password", "weak_password", {"message": message}) for message in error.messages]
    return []

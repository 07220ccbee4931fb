"""Users, roles and the company: looked up by programs, changed by people on their pages."""

from __future__ import annotations

from typing import Any

from accounts import directory
from accounts.api.calls import Answer, Call, refuse_unknown
from accounts.api.paging import pagination, read_pages
from accounts.models import Company, Role, User
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.nearest import nearest

Json = Any
SEARCH_PAGE = 100
WORDS_LIMIT = 10


def me(call: Call) -> Answer:
    """Who the caller is and acts for; programs ask it to see whether their key works."""
    user = directory.get_user(call.actor, call.actor.user_id)
    key = directory.own_key(call.actor)
    more = {
        "company": {"id": user.company_id, "name": user.company.name, "currency": user.company.currency},
        "language": user.language,
        "timeZone": call.actor.time_zone,
        "apiKey": key and {"id": key.pk, "name": key.name, "scopes": key.scopes, "expiresAt": key.expires_at},
    }
    return Answer(body=user_json(user) | more)


def search(call: Call) -> Answer:
    """`{items, pagination, searchTerm, sortDescriptor}`."""
    body = call.only("searchTerm", "sortDescriptor", "pagination")
    words = _words(body.get("searchTerm"))
    sort = _sort(body.get("sortDescriptor"))
    pages = body.get("pagination")
    if not isinstance(pages := {} if pages is None else pages, dict):
        raise ValidationFailed(Issue("pagination", "wrong_type", {"expected": "an object"}))
    refuse_unknown(pages, ("page", "pageSize"), path="pagination")
    page, size = read_pages(pages, default_size=SEARCH_PAGE, path="pagination")
    found = directory.list_users(
        call.actor,
        words=words,
        sort=sort["field"],
        descending=sort["direction"] == "desc",
        page=page,
        size=size,
    )
    answer = {
        "items": [user_json(user) for user in found.users],
        "pagination": pagination(page, size, found.total),
        **({"searchTerm": body["searchTerm"]} if words else {}),
        "sortDescriptor": sort,
    }
    return Answer(body=answer)


def user(call: Call) -> Answer:
    """One person of the company."""
    return Answer(body=user_json(directory.get_user(call.actor, find_uuid(call.path["id"]))))


def roles(call: Call) -> Answer:
    """`{items}`: all roles of the company."""
    return Answer(body={"items": [role_json(role) for role in directory.list_roles(call.actor)]})


def role(call: Call) -> Answer:
    """One role of the company."""
    return Answer(body=role_json(directory.get_role(call.actor, find_uuid(call.path["id"]))))


def company(call: Call) -> Answer:
    """The company that the caller belongs to."""
    return Answer(body=company_json(directory.get_company(call.actor)))


def user_json(user: User) -> dict[str, Json]:
    """A person as programs see them."""
    return {
        "id": user.pk,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "roleId": user.role_id,
        "roleName": user.role.name,
        "status": user.status,
        "country": user.country or None,
        "avatarUrl": user.avatar_url or None,
        "createdAt": user.created_at,
        "updatedAt": user.updated_at,
    }


def role_json(role: Role) -> dict[str, Json]:
    """A role with all that it permits, by resource."""
    return {
        "id": role.pk,
        "name": role.name,
        "isShipped": bool(role.shipped),
        "permissions": {
            name: {"read": access.read, "manage": access.manage} for name, access in role.access().items()
        },
        "createdAt": role.created_at,
    }


def company_json(company: Company) -> dict[str, Json]:
    """A company as its people and programs see it."""
    return {
        "id": company.pk,
        "name": company.name,
        "street": company.street or None,
        "postalCode": company.postal_code or None,
        "city": company.city or None,
        "country": company.country or None,
        "currency": company.currency,
        "vatNumber": company.vat_number or None,
        "website": company.website or None,
        "phone": company.phone or None,
        "email": company.email or None,
        "timeZone": company.time_zone,
        "createdAt": company.created_at,
        "updatedAt": company.updated_at,
    }


def _words(text: Json) -> list[str]:
    if text is None:
        return []
    if not isinstance(text, str):
        raise ValidationFailed(Issue("searchTerm", "wrong_type", {"expected": "a text"}))
    words = text.split()
    if len(words) > WORDS_LIMIT:
        raise ValidationFailed(Issue("searchTerm", "too_many", {"limit": WORDS_LIMIT}))
    return words


def _sort(raw: Json) -> dict[str, str]:
    """The field and direction that people are sorted by."""
    if raw is None:
        return {"field": "name", "direction": "asc"}
    if not isinstance(raw, dict):
        example = {"field": "name", "direction": "asc"}
        expected = {"expected": "a field and a direction", "example": example}
        raise ValidationFailed(Issue("sortDescriptor", "wrong_type", expected))
    refuse_unknown(raw, ("field", "direction"), path="sortDescriptor")
    field, direction = raw.get("field"), raw.get("direction", "asc")
    issues = []
    if not isinstance(field, str) or field not in directory.SORTS:
        near = nearest(field, directory.SORTS) if isinstance(field, str) else None
        params = {"allowed": list(directory.SORTS), "nearest": near}
        issues.append(Issue("sortDescriptor.field", "invalid_choice", params))
    if direction not in ("asc", "desc"):
        issues.append(Issue("sortDescriptor.direction", "invalid_choice", {"allowed": ["asc", "desc"]}))
    ValidationFailed.raise_if(issues)
    return {"field": field, "direction": direction}

"""What one company has set up: its people, pipelines and custom columns, read at most once a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from accounts.actor import Actor
from accounts.models import Company, User
from crm.catalog import Catalog
from crm.entities import ENTITIES, Entity
from crm.field_types import Context, FieldType
from crm.field_types.choices import Option
from crm.field_types.stages import PipelineType, StageType
from crm.models import CustomColumn, Pipeline, Stage
from customermates.kernel.folding import folded, folded_key
from customermates.kernel.ids import find_uuid
from customermates.kernel.nearest import LONGEST_NAME, NEAR_ENOUGH


class CompanyPeople:
    """The users of a company, looked up in as few queries as they are asked for."""

    def __init__(self, actor: Actor) -> None:
        self._company_id = actor.company_id
        self._may_list = actor.can("read", "users")
        self._by_reference: dict[str, UUID | None] = {}
        self._users: dict[UUID, User] = {}

    def prefetch(self, references: Iterable[str]) -> None:
        """Look all of `references` (ids or e-mail addresses) up at once."""
        unknown = {text.strip().lower() for text in references} - self._by_reference.keys()
        if not unknown:
            return
        ids = {text: identity for text in unknown if (identity := find_uuid(text))}
        # What cannot be printed is no address, and some of it no database can even be asked for.
        addresses = {text for text in unknown - ids.keys() if "@" in text and text.isprintable()}
        rows = User.objects.filter(Q(pk__in=ids.values()) | Q(email__in=addresses))
        self._keep(rows.filter(company_id=self._company_id))
        emails = {user.email.lower(): user.pk for user in self._users.values()}
        for text in unknown:
            identity = ids.get(text)
            self._by_reference[text] = identity if identity in self._users else emails.get(text)

    def find(self, reference: str) -> UUID | None:
        """The user that an id or e-mail address means, or None."""
        text = reference.strip().lower()
        self.prefetch([text])
        return self._by_reference[text]

    def named(self, name: str) -> Sequence[UUID]:
        """The users of this full name, in any case and accent."""
        key = _name_key(name)
        return self._by_name.get(key, []) if key else []

    def advice(self, text: str, candidates: Sequence[UUID]) -> dict[str, object]:
        """The addresses of the candidates, or those near to what was sent; only for who may list users."""
        if not self._may_list:
            return {}
        if candidates:
            return {"allowed": sorted(self._users[pk].email for pk in candidates)}
        near = sorted({self._users[pk].email for pk in self._near(text.strip())})
        if len(near) == 1:
            return {"nearest": near[0]}
        return {"hint": _("These are near: %(emails)s.") % {"emails": ", ".join(near)}} if near else {}

    def _near(self, text: str) -> list[UUID]:
        """Up to five users whose name or address is like `text`; a company's domain makes nobody alike."""
        if not text or len(text) > LONGEST_NAME:
            return []
        words: dict[str, UUID] = {}
        for user in self._everybody:
            words[user.email.split("@")[0]] = user.pk
            if "@" not in text:
                words[self.name(user.pk)] = user.pk
        found = process.extract(
            text.split("@")[0],
            list(words),
            scorer=fuzz.WRatio,
            processor=folded,
            score_cutoff=NEAR_ENOUGH,
            limit=5,
        )
        return [words[word] for word, _score, _place in found]

    @cached_property
    def _everybody(self) -> list[User]:
        self._keep(User.objects.filter(company_id=self._company_id))
        return list(self._users.values())

    @cached_property
    def _by_name(self) -> dict[str, list[UUID]]:
        found: dict[str, list[UUID]] = defaultdict(list)
        for user in self._everybody:
            found[_name_key(f"{user.first_name} {user.last_name}")].append(user.pk)
        return found

    def get_many(self, ids: Iterable[UUID]) -> dict[UUID, User]:
        """The users of these ids, as far as they exist."""
        wanted = set(ids)
        if missing := wanted - self._users.keys():
            self._keep(User.objects.filter(company_id=self._company_id, pk__in=missing))
        return {pk: self._users[pk] for pk in wanted if pk in self._users}

    def name(self, user_id: UUID) -> str:
        """How people call a user; "" when there is none."""
        user = self.get_many([user_id]).get(user_id)
        return f"{user.first_name} {user.last_name}".strip() or user.email if user else ""

    def listed(self, limit: int) -> tuple[list[User], int]:
        """The first active users by name, and how many there are in all."""
        users = User.objects.filter(company_id=self._company_id, status=User.Status.ACTIVE)
        rows = list(users.order_by("first_name", "last_name", "id")[: limit + 1])
        return rows[:limit], users.count() if len(rows) > limit else len(rows)

    def in_name_order(self) -> Sequence[UUID]:
        """All users by first and last name."""
        return sorted((user.pk for user in self._everybody), key=lambda pk: (folded_key(self.name(pk)), pk))

    def _keep(self, users: Iterable[User]) -> None:
        self._users.update((user.pk, user) for user in users)


def _name_key(name: str) -> str:
    return folded(" ".join(name.split()))


@dataclass
class CompanySetup:
    """Everything that reading and writing records of `actor`'s company may need to know."""

    actor: Actor

    @cached_property
    def company(self) -> Company:
        """The company itself."""
        return Company.objects.get(pk=self.actor.company_id)

    @property
    def country(self) -> str:
        """Where phone numbers without a prefix belong."""
        return self.company.country

    @cached_property
    def people(self) -> CompanyPeople:
        """Its users."""
        return CompanyPeople(self.actor)

    @cached_property
    def stages(self) -> list[Stage]:
        """All stages, pipeline by pipeline, in their order."""
        stages = Stage.objects.filter(company_id=self.actor.company_id).select_related("pipeline")
        return list(stages.order_by("pipeline__position", "pipeline_id", "position", "id"))

    @cached_property
    def stage_by_id(self) -> dict[UUID, Stage]:
        """All stages by id."""
        return {stage.pk: stage for stage in self.stages}

    @cached_property
    def pipelines(self) -> list[Pipeline]:
        """All pipelines that have a stage, in their order."""
        return list({stage.pipeline_id: stage.pipeline for stage in self.stages}.values())

    @cached_property
    def context(self) -> Context:
        """What reading one value may depend on, as of now."""
        zone = ZoneInfo(self.actor.time_zone)
        return Context(
            now=timezone.now(), time_zone=zone, home=self, people=self.people, me=self.actor.user_id
        )

    def columns(self, entity: Entity) -> list[CustomColumn]:
        """The custom columns of `entity` that are not deleted, in their order."""
        return self.catalog(entity).custom_columns

    def catalog(self, entity: Entity) -> Catalog:
        """All fields of `entity` as this company has them."""
        found = self._catalogs.get(entity.name)
        return found or self.read_columns(entity, self.column_rows(entity))

    def prefetch_catalogs(self) -> None:
        """Read the custom columns of all entities at once: cheaper than entity by entity from two on."""
        columns: dict[str, list[CustomColumn]] = defaultdict(list)
        for column in self._all_columns():
            columns[column.entity].append(column)
        for entity in ENTITIES.values():
            self.read_columns(entity, columns[entity.name])

    def column_rows(self, entity: Entity) -> QuerySet[CustomColumn]:
        """The query of the custom columns of `entity`."""
        return self._all_columns().filter(entity=entity.name)

    def _all_columns(self) -> QuerySet[CustomColumn]:
        rows = CustomColumn.objects.filter(company_id=self.actor.company_id, deleted_at=None)
        return rows.order_by("position", "number")

    def read_columns(self, entity: Entity, rows: Iterable[CustomColumn]) -> Catalog:
        """The catalog from now on, with the columns of this query."""
        found = self._catalogs[entity.name] = Catalog(self, entity, list(rows))
        return found

    @cached_property
    def _catalogs(self) -> dict[str, Catalog]:
        return {}

    def bound(self, kind: FieldType) -> FieldType:
        """`kind` with the options of this company, where they are the company's."""
        if isinstance(kind, StageType):
            options = tuple(Option(str(s.pk), s.name, s.color) for s in self.stages)
            return type(kind)(options, tuple(s.pipeline.name for s in self.stages))
        if isinstance(kind, PipelineType):
            return type(kind)(tuple(Option(str(p.pk), p.name) for p in self.pipelines))
        return kind

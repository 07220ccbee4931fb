"""Only writer modules write, and reads of tenants' tables start at what the actor may see.

The tests read the product's source. They see what is written as people write it, which is enough
against forgetting; the tests of two companies in tests/doors prove the effect itself.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("customermates", "accounts", "crm", "mcp_gateway", "webhooks")

# --- Writers ------------------------------------------------------------------------------------------

# Methods that only querysets, managers, models and cursors have: naming one is using it.
WRITES = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "execute", "executemany", "raw"}
WRITES |= {f"a{name}" for name in ("create", "update", "delete", "save", *WRITES)}
ROWS = {"insert_rows", "update_rows"}  # of customermates.kernel.rows

# {module, or folder with its slash: why it writes}; one that nobody needs any more fails.
WRITERS = {
    "accounts/adapter.py": "stores a new password for allauth, whose forms ask it to",
    "accounts/api_keys.py": "the writer of API keys",
    "accounts/authentication.py": "notes when and from where a key was last used; no event, no version",
    "accounts/events.py": "record(), and the sequence numbers it takes",
    "accounts/idempotency.py": "keeps the answer of a request beside what it did",
    "accounts/limits.py": "counts requests in windows of time",
    "accounts/models.py": "the refusal to change an event ends in Django's own save",
    "accounts/profile.py": "the writer of what people set for themselves",
    "accounts/roles.py": "the writer of custom roles",
    "accounts/services.py": "the writer of companies and people",
    "crm/aggregates/groups.py": "reads alone: it groups and joins what querysets select",
    "crm/field_services.py": "the writer of custom columns",
    "crm/pipelines.py": "the writer of pipelines and stages",
    "crm/seeding.py": "large generated data for measuring, written set by set without events",
    "crm/purging.py": "takes out of the database what is past the trash; nothing visible changes",
    "crm/services.py": "the write path itself",
    "crm/writing/": "the parts of the write path",
    "customermates/kernel/prepared.py": "reads alone: it takes nothing but querysets, which select",
    "customermates/kernel/rows.py": "the statements that the write path and events store many rows by",
    "customermates/kernel/sqlite/base.py": "begins transactions, and says how long they wait for it",
    "customermates/management/commands/serve.py": "statistics for SQLite's planner, which are no data",
    "webhooks/claims.py": "takes leases of deliveries; no event, no version",
    "webhooks/housekeeping.py": "deletes what is past its time, notes that a mail was sent",
    "webhooks/queueing.py": "deliveries join the queue, in the transaction of what they tell of",
    "webhooks/results.py": "the writer of attempts and of what becomes of deliveries",
    "webhooks/services.py": "the writer of endpoints and their secrets",
}


def writes_in(source: str) -> list[int]:
    """The lines of `source` that write to the database, as far as their words tell."""
    return [node.lineno for node in expressions(source) if is_write(node)]


def expressions(source: str) -> list[ast.expr]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr)]


def is_write(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id in ROWS
    if isinstance(node, ast.Attribute):
        return node.attr in WRITES
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    match node.func.attr:
        case "save" | "create":
            return True
        case "delete":  # a cache deletes by key, a queryset without a word
            return not node.args
        case "update":  # a dict is updated from another, a queryset by keywords
            return bool(node.keywords) and not node.args
    return False


def sources() -> Iterator[tuple[str, str]]:
    """(name, text) of every module of the product that people write."""
    for package in PRODUCT:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def home_of(module: str, names: Iterable[str]) -> str | None:
    """The entry that speaks of this module or its folder."""
    return next((n for n in names if module == n or (n.endswith("/") and module.startswith(n))), None)


def test_only_writers_write():
    guilty = [
        f"{module}:{line}"
        for module, text in sources()
        if home_of(module, WRITERS) is None
        for line in writes_in(text)
    ]
    assert not guilty, "Write through a service, or name the module with its reason in WRITERS: " + ", ".join(
        guilty
    )


def test_every_writer_still_writes():
    writing = {home_of(module, WRITERS) for module, text in sources() if writes_in(text)}
    assert WRITERS.keys() <= writing


@pytest.mark.parametrize(
    "planted",
    [
        "Contact.objects.create(company_id=company, first_name='Ada')",
        "Contact(first_name='Ada').save()",
        "contact.save(update_fields=['name'])",
        "Contact.objects.filter(pk=pk).update(name='Ada')",
        "rows.update(**values)",
        "Contact.objects.bulk_create(contacts)",
        "insert_rows(Contact, contacts)",
        "make = Contact.objects.bulk_create",
        "Contact.objects.get_or_create(pk=pk)",
        "Contact.objects.filter(pk=pk).delete()",
        "contact.delete()",
        "await contact.asave()",
        "cursor.execute('UPDATE crm_contact SET name = %s', ['Ada'])",
        "Contact.objects.raw('DELETE FROM crm_contact RETURNING *')",
    ],
)
def test_a_planted_write_is_noticed(planted):
    assert writes_in(planted) == [1]


@pytest.mark.parametrize("innocent", ["names.update(other)", "cache.delete(key)", "create_records(actor)"])
def test_what_only_sounds_like_a_write_is_none(innocent):
    assert writes_in(innocent) == []


def test_no_model_has_a_manager_that_links_unseen():
    """`contact.organizations.add(…)` would pass the test above: links are models of their own instead."""
    own = [model for model in apps.get_models() if model.__module__.split(".")[0] in PRODUCT]
    assert own
    assert not [f"{m.__name__}.{f.name}" for m in own for f in m._meta.many_to_many]


# --- Readers ------------------------------------------------------------------------------------------

MANAGERS = {"objects", "_default_manager", "_base_manager"}
STARTS = {"visible_to", "in_trash_of", "reached_by"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"}


@dataclass(frozen=True)
class Exempt:
    """Tables that a module may read without asking what the actor sees, and why that is right."""

    tables: set[str]  # as the source names them; none = any
    reason: str


ANY: set[str] = set()

READERS: dict[str, Exempt] = {
    "accounts/": Exempt(ANY, "who somebody is comes before there is an actor; the rest asks by company"),
    "crm/catalog.py": Exempt(
        {"self.relation.through"}, "the company's links; their ends start at visible_to"
    ),
    "crm/column_list.py": Exempt(
        {"CustomColumn", "Event", "IndexedValue"}, "columns of the actor's company; counts join visible rows"
    ),
    "crm/field_services.py": Exempt({"CustomColumn"}, "columns of the actor's company"),
    "crm/activity.py": Exempt({"Event"}, "events of the actor's company, about entities they may read"),
    "crm/changes.py": Exempt({"Event"}, "events of the actor's company, about records they may see"),
    "crm/history.py": Exempt({"Event"}, "events of one record that was loaded through visible_to"),
    "crm/management/": Exempt({"User"}, "a command on the server is told by e-mail who acts"),
    "crm/operators.py": Exempt({"IndexedValue"}, "an index of the company's rows, joined to visible ones"),
    "crm/linked.py": Exempt({"relation.through"}, "links of visible rows to visible rows"),
    "crm/presenters.py": Exempt({"relation.through"}, "lines of visible deals"),
    "crm/queries.py": Exempt({"IndexedValue"}, "an index of the company's rows, joined to visible ones"),
    "crm/relations.py": Exempt({"relation.through"}, "links of one visible record to visible ones"),
    "crm/trash.py": Exempt(
        {"CustomColumn", "Event"}, "columns of the actor's company, and who deleted what they may see"
    ),
    "crm/undo.py": Exempt({"Event"}, "events of the actor's company, about entities they may read"),
    "crm/undo_setup.py": Exempt(
        {"CustomColumn", "Event", "User"}, "columns and people of the actor's company, and their events"
    ),
    "crm/column_use.py": Exempt({"Company"}, "the one row that questions about visible records hang on"),
    "crm/purging.py": Exempt(
        {"CustomColumn", "IndexedValue", "entity.model", "model", "ENTITIES.get(column.entity).model"},
        "a chore for all companies, about what nobody sees any more",
    ),
    "crm/sample/loading.py": Exempt({"Company", "User"}, "the system itself, loading into one company"),
    "crm/sample/removing.py": Exempt(
        {"Company", "CustomColumn", "Event", "User"},
        "what came into the actor's company with the sample data, for who may delete all of it",
    ),
    "crm/seeding.py": Exempt({"User"}, "the system itself, loading into one company"),
    "crm/setup.py": Exempt(
        {"Company", "CustomColumn", "Stage", "User"},
        "what the company has set up, for all its people",
    ),
    "crm/writing/line_plans.py": Exempt({"DealLine"}, "lines of services that are locked already"),
    "crm/writing/lines.py": Exempt({"DealLine"}, "lines of deals that were loaded through visible_to"),
    "crm/writing/links.py": Exempt(
        {"self.relation.through", "through", "ENTITIES.get(entity).model"},
        "links of loaded records, and records that a link touches on its other side",
    ),
    "crm/writing/locks.py": Exempt({"relation.through"}, "links of records that the write is about to load"),
    "crm/writing/storing.py": Exempt({"entity.model", "IndexedValue"}, "rows loaded through visible_to"),
    "crm/writing/values.py": Exempt({"entity.model"}, "a column changes on all records of the company"),
    "customermates/kernel/rows.py": Exempt({"rows.model"}, "rows that the caller has selected"),
    "mcp_gateway/tools/reading.py": Exempt({"ApiKey", "User"}, "the actor's own account and key"),
    "webhooks/claims.py": Exempt({"Delivery"}, "the worker serves all companies"),
    "webhooks/housekeeping.py": Exempt({"Endpoint", "model"}, "the worker serves all companies"),
    "webhooks/management/": Exempt({"User"}, "a command on the server is told by e-mail who acts"),
    "webhooks/notices.py": Exempt({"User"}, "people of the endpoint's company"),
    "webhooks/parcels.py": Exempt({"Delivery", "Endpoint", "Secret"}, "what the worker has claimed"),
    "webhooks/queries.py": Exempt(
        {"Attempt", "Delivery", "Endpoint", "Secret"},
        "rows of the actor's company, whose permission is asked first",
    ),
    "webhooks/queueing.py": Exempt({"Endpoint"}, "endpoints of the company whose events these are"),
    "webhooks/results.py": Exempt(
        {"Company", "Delivery", "Endpoint"}, "what the worker has sent, by the token of its lease"
    ),
    "webhooks/services.py": Exempt(
        {"Company", "Delivery", "Endpoint", "Secret"}, "rows of the actor's company, permission asked first"
    ),
    # Writers start their statements at a manager as well.
    "crm/pipelines.py": Exempt({"Pipeline", "Stage"}, "writes the company's first pipeline"),
}


def reads_in(source: str) -> list[tuple[int, str]]:
    """(line, table) of each read in `source` that does not start at what an actor may see."""
    nodes = expressions(source)
    asked = {id(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr in STARTS}
    return [
        (node.lineno, table)
        for node in nodes
        if id(node) not in asked and (table := table_of(node)) is not None
    ]


def table_of(node: ast.expr) -> str | None:
    """The table that a manager or shortcut reads from, None when the node is neither."""
    if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
        return ast.unparse(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SHORTCUTS:
        return ast.unparse(node.args[0])
    return None


def exemption(module: str, table: str) -> str | None:
    """The entry of READERS that lets this module read this table."""
    name = home_of(module, READERS)
    return name if name and (READERS[name].tables == ANY or table in READERS[name].tables) else None


def test_reads_start_at_what_the_actor_may_see():
    guilty = [
        f"{module}:{line} {table}"
        for module, text in sources()
        for line, table in reads_in(text)
        if exemption(module, table) is None
    ]
    assert not guilty, f"Start at visible_to(actor), or name the reason in READERS: {guilty}"


def test_every_exempt_reader_is_still_needed():
    used = {(home_of(module, READERS), table) for module, text in sources() for _, table in reads_in(text)}
    needed = {(name, table) for name, exempt in READERS.items() for table in exempt.tables}
    assert needed <= used
    assert READERS.keys() <= {name for name, _ in used}


@pytest.mark.parametrize(
    ("planted", "table"),
    [
        ("Contact.objects.filter(pk=pk)", "Contact"),
        ("entity.model.objects.get(pk=pk)", "entity.model"),
        ("rows = Contact._default_manager", "Contact"),
        ("get_object_or_404(Contact, pk=pk)", "Contact"),
    ],
)
def test_a_planted_read_is_noticed(planted, table):
    assert reads_in(planted) == [(1, table)]
    assert exemption("crm/queries.py", table) is None
    assert exemption("crm/views.py", table) is None


@pytest.mark.parametrize("start", sorted(STARTS))
def test_a_read_that_starts_right_is_fine(start):
    assert reads_in(f"Contact.objects.{start}(actor).filter(pk=pk)") == []

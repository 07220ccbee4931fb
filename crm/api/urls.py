"""The REST routes of the CRM, and the components that they refer to."""

from __future__ import annotations

from accounts.api.operations import Route
from accounts.api.schemas import Schema
from crm.api import schemas, setup_routes
from crm.api.entity_routes import entity_routes
from crm.entities import ENTITIES


def routes() -> list[Route]:
    """The routes of all entities, and of what a company sets up."""
    of_records = [route for entity in ENTITIES.values() for route in entity_routes(entity)]
    return [*of_records, *setup_routes.setup_routes()]


def components() -> dict[str, Schema]:
    """The components of these routes."""
    return {**schemas.components(), **setup_routes.components()}

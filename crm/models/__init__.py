"""The tables of the CRM."""

from crm.models.column import CustomColumn
from crm.models.contact import Contact
from crm.models.deal import Deal
from crm.models.links import (
    Assignment,
    ContactDeal,
    ContactOrganization,
    ContactTask,
    ContactUser,
    DealLine,
    DealTask,
    DealUser,
    Link,
    OrganizationDeal,
    OrganizationTask,
    OrganizationUser,
    ServiceTask,
    ServiceUser,
    TaskUser,
)
from crm.models.organization import Organization
from crm.models.pipeline import Pipeline, Stage, StageKind
from crm.models.record import RESTORABLE_FOR, IndexedValue, Record
from crm.models.service import Service
from crm.models.task import Task, TaskPriority, TaskStatus, TaskType

__all__ = [
    "RESTORABLE_FOR",
    "Assignment",
    "Contact",
    "ContactDeal",
    "ContactOrganization",
    "ContactTask",
    "ContactUser",
    "CustomColumn",
    "Deal",
    "DealLine",
    "DealTask",
    "DealUser",
    "IndexedValue",
    "Link",
    "Organization",
    "OrganizationDeal",
    "OrganizationTask",
    "OrganizationUser",
    "Pipeline",
    "Record",
    "Service",
    "ServiceTask",
    "ServiceUser",
    "Stage",
    "StageKind",
    "Task",
    "TaskPriority",
    "TaskStatus",
    "TaskType",
    "TaskUser",
]

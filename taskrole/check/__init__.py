"""Compares roles with the needs of tasks: reports missing permissions, and permissions that no task needs."""

from taskrole.check.report import Assignment, CheckedItem, CheckReport, Excesses, RoleOfTask, Status
from taskrole.check.tasks import check_tasks

__all__ = [
    "Assignment",
    "CheckReport",
    "CheckedItem",
    "Excesses",
    "RoleOfTask",
    "Status",
    "check_tasks",
]

"""Does this role fit these tasks? What they would lack with it, and what it allows that none of them needs."""

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

"""Does this role fit these tasks? What they would lack with it, and what it allows that none of them needs."""

from taskrole.check.report import Assignment, Excesses, Item, Report, RoleOfTask, Status
from taskrole.check.tasks import check_tasks

__all__ = [
    "Assignment",
    "Excesses",
    "Item",
    "Report",
    "RoleOfTask",
    "Status",
    "check_tasks",
]

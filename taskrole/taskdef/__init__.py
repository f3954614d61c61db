"""ECS task definitions: read, and turned into the grants that their roles need."""

from taskrole.taskdef.context import resolve_context
from taskrole.taskdef.derive import Derivation, derive
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.options import EcsExec, FireLens, Options
from taskrole.taskdef.read import parse_document, read_documents, read_files
from taskrole.taskdef.rule import FieldRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskrole.taskdef.rules import RULES

__all__ = [
    "RULES",
    "Derivation",
    "EcsExec",
    "FieldRule",
    "FireLens",
    "Options",
    "TaskDocument",
    "derive",
    "parse_document",
    "read_documents",
    "read_files",
    "resolve_context",
]


def __getattr__(name: str) -> object:
    """Import the table of rules with its first use: it loads every form."""
    if name != "RULES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from taskrole.taskdef.rules import RULES

    return RULES

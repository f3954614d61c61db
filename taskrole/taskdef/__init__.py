"""ECS task definitions: read, and turned into the grants that their roles need."""

from taskrole.taskdef.context import resolve_context
from taskrole.taskdef.derive import Derivation, derive
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.options import EcsExec, FireLens, Options
from taskrole.taskdef.read import parse_document, read_documents, read_files
from taskrole.taskdef.rules import RULES, Rule

__all__ = [
    "RULES",
    "Derivation",
    "EcsExec",
    "FireLens",
    "Options",
    "Rule",
    "TaskDocument",
    "derive",
    "parse_document",
    "read_documents",
    "read_files",
    "resolve_context",
]

"""The table of rules: every grant's rule and every finding's code is in it, and docs/rules.md is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from taskrole.taskdef.rules import images, logs_and_files, secrets, surroundings, volumes
from taskrole.taskdef.rules.rule import Kind, Rule

__all__ = ["CHAPTERS", "RULES", "Kind", "Rule"]

CHAPTERS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("Images and registries", images.RULES),
    ("Secrets, parameters and keys", secrets.RULES),
    ("Logs, files and credential specs", logs_and_files.RULES),
    ("Volumes", volumes.RULES),
    ("What runs beside a task, its roles and the document", surroundings.RULES),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for _, chapter in CHAPTERS for rule in chapter})

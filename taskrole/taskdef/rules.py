"""The table of rules: all rules of grants and all codes of findings; docs/rules.md is generated from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature
from taskrole.taskdef.features.registry import FEATURES
from taskrole.taskdef.forms.registry import form_rules
from taskrole.taskdef.rule import FieldRule

__all__ = ["CHAPTERS", "RULES", "UNSEEN", "FieldRule", "chapters"]


def chapters(
    features: Iterable[Feature], of_forms: Iterable[FieldRule] = ()
) -> tuple[tuple[str, tuple[FieldRule, ...]], ...]:
    """Return the rules of features and forms by chapter, in their order; those of forms are in the last chapter."""
    by_chapter: dict[str, list[FieldRule]] = {}
    for feature in features:
        by_chapter.setdefault(feature.chapter, []).extend(feature.rules)
    by_chapter.setdefault(TASK_ENVIRONMENT, []).extend(of_forms)
    return tuple((title, tuple(rules)) for title, rules in by_chapter.items())


CHAPTERS = chapters(FEATURES, form_rules())

RULES: Mapping[str, FieldRule] = MappingProxyType({rule.id: rule for _, rules in CHAPTERS for rule in rules})

# Codes of warnings about content that cannot be read and may need more permissions.
UNSEEN = frozenset(rule.id for rule in RULES.values() if rule.unseen)

"""The rules of features, which is all that `derive` needs; the rules of forms would import every form."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from taskrole.taskdef.features.registry import FEATURES
from taskrole.taskdef.rule import FieldRule

FEATURE_RULES: Mapping[str, FieldRule] = MappingProxyType(
    {rule.id: rule for feature in FEATURES for rule in feature.rules}
)

# Codes of findings about a resource rather than a field, reported at the first field that names it.
ONCE = frozenset(rule.id for rule in FEATURE_RULES.values() if rule.once)

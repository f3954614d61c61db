"""Settings that are null, as `region:` without a value is: the model reads them as absent, and so must the checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from taskrole.config import model
from taskrole.config.backends.registry import BACKENDS
from taskrole.config.settings import Settings
from taskrole.yaml_reader import Tree

# Their keys are the user's.
_VERBATIM = frozenset(("trust_policy", "inline_policies", "values", "images", "options", "tags", "Condition"))


def without_nulls(tree: Tree) -> Tree:
    """Return a roles.yaml without the settings that are null where the model accepts that."""
    return replace(tree, data=_without_nulls(tree.data))


def _without_nulls(data: Any) -> Any:
    if isinstance(data, dict):
        return {
            key: value if key in _VERBATIM else _without_nulls(value)
            for key, value in data.items()
            if value is not None or key not in _NULLABLE
        }
    return [_without_nulls(item) for item in data] if isinstance(data, list) else data


def _nullable(models: Iterable[type[Settings]]) -> frozenset[str]:
    """Return the keys, as roles.yaml spells them, of the settings that default to None."""
    fields = (item for settings in models for item in settings.model_fields.items())
    return frozenset(field.alias or name for name, field in fields if not field.is_required() and field.default is None)


_NULLABLE = _nullable(
    (
        *(kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, Settings)),
        *(kind for backend in BACKENDS.values() for kind, _ in backend.sections()),
    )
)

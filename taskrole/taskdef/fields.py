"""The shape of a task definition: all fields that features read.

Other fields (cpu, ports, health checks …) do not affect permissions and are dropped when a document is read.
Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from taskrole.taskdef.feature import Feature, LogOptions, Variables, container_fields
from taskrole.taskdef.features.registry import FEATURES
from taskrole.taskdef.shape import ListOf, MapOf, Record, Scalar
from taskrole.taskdef.shape_merge import merged


def task_definition_shape(features: Iterable[Feature]) -> Record:
    """Return the merged shape of features. Raises BadValueError if two have different shapes for a field."""
    features = tuple(features)
    variables = [variable for feature in features for variable in feature.variables]
    log_options = [feature.log_options for feature in features if feature.log_options]
    return merged((*(feature.shape for feature in features), _environment(variables), _log_options(log_options)))


def _environment(variables: Iterable[Variables]) -> Record:
    # Other variables are not read.
    prefixes = tuple(variable.prefix for variable in variables)

    def is_read(variable: Mapping[str, Any]) -> bool:
        name = variable.get("name")
        return isinstance(name, str) and name.startswith(prefixes)

    return container_fields(
        {"environment": ListOf(Record({"name": Scalar.TEXT, "value": Scalar.TEXT}, is_read=is_read))}
    )


def _log_options(options: Iterable[LogOptions]) -> Record:
    # Reading a document empties all other options, so that a feature that reads one which it does not list gets
    # nothing. Docker has templates of its own in some ({{.Name}} in a tag), so each user of an option checks it.
    names = frozenset(name for option in options for name in option.names)
    return container_fields({"logConfiguration": Record({"options": MapOf(Scalar.TEXT, names)})})


TASK_DEFINITION_SHAPE = task_definition_shape(FEATURES)


def is_variable_read(name: str) -> bool:
    """Return whether a feature reads that an environment variable of this name is present."""
    return name.startswith(_PREFIXES)


def is_value_read(name: str) -> bool:
    """Return whether a feature reads the value of an environment variable of this name."""
    return any(variable.with_values.fullmatch(name) for variable in _VARIABLES)


_VARIABLES = tuple(variable for feature in FEATURES for variable in feature.variables)
_PREFIXES = tuple(variable.prefix for variable in _VARIABLES)

# The options that are read, by log driver; and those of which only the presence is read.
LOG_OPTIONS: Mapping[str, tuple[str, ...]] = {
    feature.log_options.driver: feature.log_options.names for feature in FEATURES if feature.log_options
}
PRESENT_LOG_OPTIONS = frozenset(
    name for feature in FEATURES if feature.log_options for name in feature.log_options.present
)

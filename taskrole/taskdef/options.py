"""All options of a derivation in one class; each is declared by its feature.

They are set in roles.yaml and on the command line. Secrets, parameters and buckets are given by ARN, by name, or as
task definitions name them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.errors import Problem
from taskrole.taskdef.feature import Feature
from taskrole.taskdef.features.ecs_exec.options import EcsExec, ExecLogging
from taskrole.taskdef.features.firelens.options import FireLens
from taskrole.taskdef.features.images.options import Compatibility
from taskrole.taskdef.features.registry import FEATURES
from taskrole.taskdef.features.secrets.options import SecretSuffix
from taskrole.taskdef.features.sidecars.options import Sidecar
from taskrole.taskdef.option import option_problems

__all__ = [
    "Compatibility",
    "EcsExec",
    "ExecLogging",
    "FireLens",
    "Options",
    "SecretSuffix",
    "Sidecar",
    "check_options",
    "option_classes",
]


def option_classes(features: Iterable[Feature]) -> tuple[type, ...]:
    """Return the dataclasses in which features declare their options, in the order of the features."""
    return tuple(feature.options for feature in features if feature.options)


_T = TypeVar("_T")


def _frozen(options: type[_T]) -> type[_T]:
    # Hidden from type checkers, which cannot know fields of bases that are determined at run time.
    return dataclass(frozen=True)(options)


# Reversed, since a dataclass takes the fields of its bases from the last to the first.
@_frozen
class Options(*reversed(option_classes(FEATURES))):  # type: ignore[misc]
    """All options of a derivation; `Options()` allows only what the task definitions themselves need."""


def check_options(options: Options, context: Context) -> tuple[Problem, ...]:
    """Return the problems of options in a context; nothing is derived from invalid options."""
    return tuple(option_problems(options, context))

"""All features of task definitions. To add one, add a file in this package and a line here.

The order is the order within each chapter of docs/rules.md. Grants and findings reported only once also follow it.
"""

from __future__ import annotations

from importlib import import_module

from taskrole.taskdef.feature import Feature

# Modules and packages in this package; each defines FEATURE.
NAMES = (
    "images",
    "registry_credentials",
    "secrets",
    "keys",
    "logs",
    "firelens",
    "s3_objects",
    "credential_specs",
    "efs",
    "s3_files",
    "fsx",
    "other_volumes",
    "mounts",
    "ecs_exec",
    "guardduty",
    "sidecars",
    "infrastructure",
    "application",
    "roles",
    "compatibility",
    "containers",
    "essential",
    "document",
)

FEATURES: tuple[Feature, ...] = tuple(import_module(f"taskrole.taskdef.features.{name}").FEATURE for name in NAMES)

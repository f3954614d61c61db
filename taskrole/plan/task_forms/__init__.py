"""Terraform plans and states as forms of task definitions; the registry of forms imports them."""

# Imported first: its registries import modules of this package, in this order only.
import taskrole.taskdef as _  # noqa: F401

"""Plans and states of Terraform as forms of task definitions: the registry of forms names what is here."""

# First: its registries load modules of this package, and find them whole only where they begin with them.
import taskrole.taskdef as _  # noqa: F401

"""The extras of the package: what is installed only where it is used, such as `taskrole[live]`."""

from __future__ import annotations

# Top-level module: the extra in pyproject.toml that installs it, and what it is for.
_EXTRAS = {
    "boto3": ("live", "Reading from an AWS account"),
    "botocore": ("live", "Reading from an AWS account"),
    "cdktf": ("cdktf", "CDKTF"),
    "cdktf_cdktf_provider_aws": ("cdktf", "CDKTF"),
    "constructs": ("cdktf", "CDKTF"),
    "jsii": ("cdktf", "CDKTF"),
    "duckdb": ("observe", "Reading many recorded calls"),
    "flask": ("local", "The embedded AWS"),
    "flask_cors": ("local", "The embedded AWS"),
    "moto": ("local", "The embedded AWS"),
}


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """Return one line that says which extra has the module that was not found; None where no extra has it."""
    return install_line((error.name or "").partition(".")[0])


def install_line(module: str) -> str | None:
    """Return one line that says how to install a module; None where it is part of no extra."""
    if module not in _EXTRAS:
        return None
    extra, purpose = _EXTRAS[module]
    return f"{purpose} needs {module}, which is not installed; install it: pip install 'taskrole[{extra}]'"

"""The extras of the package, optional dependencies such as `taskrole[live]`."""

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
    """Return a message with the extra that installs a missing module, or None."""
    return install_line((error.name or "").partition(".")[0])


def install_line(module: str) -> str | None:
    """Return a message with the command that installs a module, or None if no extra has it."""
    if module not in _EXTRAS:
        return None
    extra, purpose = _EXTRAS[module]
    return f"{purpose} needs {module}, which is not installed; install it: pip install 'taskrole[{extra}]'"

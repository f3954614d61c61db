"""The exit codes of all verbs, and which of them applies when several do."""

from __future__ import annotations

INPUT_ERROR = 1  # usage and input errors
CHANGES_FOUND = 2  # with --detailed-exitcode only
BLOCKED = 3
UNRESOLVED = 4  # with --strict only
INTERRUPTED = 130


def exit_code_for(
    *, has_errors: bool = False, is_blocked: bool = False, is_unresolved: bool = False, has_changes: bool = False
) -> int:
    """Return the exit code of what is true first, in the order of the parameters; 0 if nothing is.

    Pass `is_unresolved` only with --strict, `has_changes` only with --detailed-exitcode.
    """
    if has_errors:
        return INPUT_ERROR
    if is_blocked:
        return BLOCKED
    if is_unresolved:
        return UNRESOLVED
    return CHANGES_FOUND if has_changes else 0

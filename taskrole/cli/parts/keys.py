"""The option `--kms-key [NAME=]ARN` of `review`. Verbs that derive declare it with their other options."""

from __future__ import annotations

from collections.abc import Sequence

import click


def given_keys(given: Sequence[str]) -> dict[str, str]:
    """Return keys by the names of what they encrypt; `*` stands for all. Raises click.BadParameter."""
    if not given:
        return {}
    # Imported late: loading it takes longer than a small review.
    from taskrole.taskdef.features.keys import named_keys

    try:
        return named_keys(given)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--kms-key") from None

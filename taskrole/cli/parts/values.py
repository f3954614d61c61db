"""The options for placeholders of task definitions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from taskrole.errors import InputError, Place, Problem
from taskrole.output.console import echo
from taskrole.output.lines import count
from taskrole.partitions import partition_of
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.values.values import Values

VALUE_OPTIONS = (
    click.option(
        "--set", "set_values", multiple=True, metavar="NAME=VALUE", help="Value of a placeholder; repeatable."
    ),
    click.option(
        "--values",
        "values_files",
        multiple=True,
        metavar="FILE",
        help="Values file: YAML, JSON or dotenv; env: the environment. Repeatable.",
    ),
    click.option("--image", "images", multiple=True, metavar="CONTAINER=URI", help="Image of a container; repeatable."),
    click.option(
        "--tfstate",
        "state_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Terraform state for values of {{ tfstate … }}.",
    ),
    click.option(
        "--write-values",
        "skeleton_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write a values file to fill in, and exit.",
    ),
)


def given_values(arguments: Mapping[str, Any], default: Values | None = None) -> Values:
    """Return the values in the options, with `default` for all others. Raises InputError."""
    from taskrole.taskdef.values.sources import place_values, read_values

    region = arguments["region"]
    home = partition_of(region) if region else None
    default = default or Values()
    values = read_values(
        arguments["values_files"],
        arguments["set_values"],
        arguments["images"],
        arguments["state_file"],
        environment=os.environ if "env" in arguments["values_files"] else {},
        defaults={
            **default.by_name,
            **place_values(arguments["partition"] or (home.id if home else None), region, arguments["account"]),
        },
    )
    return replace(values, images={**default.images, **values.images})


def refuse_unused(arguments: Mapping[str, Any], values: Values, documents: Sequence[TaskDocument]) -> None:
    """Raise InputError for unused values of `--set` and `--image`. A values file may have values for other files."""
    if not arguments["set_values"] and not arguments["images"]:
        return
    from taskrole.taskdef.values.unused import unused_images, unused_values

    given = [name for name, origin in values.origins.items() if origin.startswith("--set ")]
    images = [text.partition("=")[0] for text in arguments["images"]]
    problems = [
        *unused_values(given, documents, {name: Place("--set", path=name) for name in given}),
        *unused_images(images, documents, {name: Place("--image", path=name) for name in images}),
    ]
    if problems:
        raise InputError(problems)


def write_skeleton(arguments: Mapping[str, Any], documents: Sequence[TaskDocument]) -> None:
    """Write the file given with `--write-values`, if any, and exit. Raises InputError if it exists."""
    file = arguments["skeleton_file"]
    if file is None:
        return
    from taskrole.files import ChangedError, create
    from taskrole.taskdef.values.skeleton import skeleton

    text, number = skeleton(documents, str(file))
    if not number:
        echo("all placeholders that permissions depend on have values; nothing was written")
    else:
        try:
            create(file, text)
        except ChangedError:
            raise InputError([Problem(Place(str(file)), "exists already; choose another file, or remove it")]) from None
        echo(f"{file}: {count(number, 'value')} to fill in; then use --values {file}")
    click.get_current_context().exit()

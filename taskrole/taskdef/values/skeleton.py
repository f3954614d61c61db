"""Generates a file of values to fill in: each placeholder once, with its locations."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from taskrole.errors import printable
from taskrole.taskdef.confidential import HIDDEN, is_confidential, looks_secret
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.values.styles import placeholders, tag_start
from taskrole.taskdef.values.values import PSEUDO_PARAMETERS, Unfilled

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SOME_LETTERS = re.compile(r"[Xx]{4,11}")  # twelve of them stand for an account
_YAML_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
_MOST_PLACES = 5
# Set by --region, --account and --partition.
_OF_PLACE = PSEUDO_PARAMETERS | {"AWS::URLSuffix"}
# Variables of Fluent Bit's record accessors and of the init image of AWS for Fluent Bit.
_OF_A_TASK = frozenset(
    [
        "ecs_task_id",
        "ecs_task_arn",
        "ecs_task_definition",
        "container_id",
        "container_name",
        "source",
        "tag",
        "uuid",
        "UUID",
        "TAG",
        "AWS_REGION",
        "AWS_AVAILABILITY_ZONE",
        "ECS_TASK_ID",
        "ECS_TASK_ARN",
        "ECS_TASK_DEFINITION",
        "ECS_FAMILY",
        "ECS_REVISION",
    ]
)
# By the end of a pointer in the normal form; the first match applies.
_PURPOSES = (
    ("/image", "an image; its repository decides what may be pulled"),
    ("/valueFrom", "the ARN of a secret, or the ARN or name of a parameter"),
    ("/credentialsParameter", "the secret with the credentials of a registry or file system"),
    ("/fileSystemId", "a file system"),
    ("/accessPointId", "an access point"),
    ("/awslogs-group", "a log group"),
    ("/awslogs-region", "the region of a log group"),
    ("/name", "the name of a container, which its log streams are named after"),
)


def skeleton(documents: Sequence[TaskDocument], file: str) -> tuple[str, int]:
    """Return the YAML of a values file for the unfilled strings of documents, and the number of its values."""
    places: dict[str, list[str]] = {}
    words = Counter(
        placeholder.name
        for document in documents
        for unfilled in document.unfilled
        for placeholder in placeholders(unfilled.text, is_image=unfilled.is_image)
        if placeholder.is_word
    )
    for document in documents:
        for unfilled in document.unfilled:
            pointer = unfilled.source if len(documents) == 1 else f"{document.file}#{unfilled.source}"
            for name in _names(unfilled, pointer, words):
                places.setdefault(name, []).append(_place(unfilled, document))
    lines = [f"# Values for the placeholders of task definitions. Fill them in, and pass --values {printable(file)}"]
    for name, comments in places.items():
        more = len(comments) - _MOST_PLACES
        lines += ["", *(f"# {comment}" for comment in comments[:_MOST_PLACES])]
        lines += [f"# and in {more} other place{'s' if more > 1 else ''}"] if more > 0 else []
        lines.append(f"{_key(name)}:")
    return "\n".join([*lines, ""]), len(places)


def _names(unfilled: Unfilled, pointer: str, words: Counter[str]) -> Iterator[str]:
    """Return the names of the values that fill a string: the names of its placeholders, or its pointer."""
    text_placeholders = placeholders(unfilled.text, is_image=unfilled.is_image)
    if not text_placeholders:
        yield pointer
    matters = tag_start(unfilled.text, text_placeholders) if unfilled.is_image else len(unfilled.text)
    for placeholder in text_placeholders:
        is_whole = placeholder.start == 0 and placeholder.end == matters
        if (
            placeholder.is_word
            and words[placeholder.name] > 1
            and (is_whole or _SOME_LETTERS.fullmatch(placeholder.name))
        ):
            # The same word in several places rarely means the same value: TODO, PLACEHOLDER, secret:db-XXXXXX.
            yield pointer
        elif (
            placeholder.start < matters
            and placeholder.name not in _OF_PLACE
            and not _is_set_at_run_time(placeholder.name, unfilled.pointer)
        ):
            yield placeholder.name


def _is_set_at_run_time(name: str, pointer: str) -> bool:
    """Return whether FireLens sets a variable for each task, so that no single value is correct."""
    _, options, option = pointer.partition("/logConfiguration/options/")
    return bool(options) and not option.startswith("awslogs-") and name in _OF_A_TASK


def _place(unfilled: Unfilled, document: TaskDocument) -> str:
    is_hidden = document.is_sensitive or is_confidential(unfilled.pointer) or looks_secret(unfilled.text)
    text = f"a value {HIDDEN}" if is_hidden else unfilled.text or "not there"
    purpose = next((purpose for end, purpose in _PURPOSES if unfilled.pointer.endswith(end)), "")
    return printable(f"{document.file}: {unfilled.source}: {text}{f' ({purpose})' if purpose else ''}")


def _key(name: str) -> str:
    is_plain = _PLAIN_KEY.fullmatch(name) and name.lower() not in _YAML_WORDS
    return name if is_plain else json.dumps(name, ensure_ascii=True)

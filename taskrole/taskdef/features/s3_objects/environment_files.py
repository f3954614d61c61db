"""Environment files: `environmentFiles[]`."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.taskdef.document import Node
from taskrole.taskdef.feature_results import (
    Item,
    Setting,
    finding,
    name_of,
    quote_text,
    unusable,
    usable,
)
from taskrole.taskdef.features.compatibility import is_windows
from taskrole.taskdef.features.s3_objects.objects import object_items

_MOST_FILES = 10


def environment_file_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions for reading environment files (S3-1 to S3-4)."""
    for container in task.nodes("containerDefinitions"):
        yield from usable(_container_items(task, container, setting))


def _container_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    files = list(container.nodes("environmentFiles"))
    if files and is_windows(task):
        message = "does not work on Windows; use environment or secrets"
        raise unusable("S3-ENV", container.field("environmentFiles"), message)
    if len(files) > _MOST_FILES:
        message = f"must be at most {_MOST_FILES} files; got {len(files)}"
        yield finding("S3-ENV", "error", container.field("environmentFiles"), message)
    for file in files:
        yield from usable(_file_items(container, file, setting))


def _file_items(container: Node, file: Node, setting: Setting) -> Iterator[Item]:
    text, kind = file.text("value"), file.text("type")
    if text is None:
        raise unusable("S3-FORM", file.field("value"), "must be an object's ARN, arn:PARTITION:s3:::BUCKET/KEY")
    if kind != "s3":
        raise unusable("S3-ENV", file.field("type"), f"must be s3; got {quote_text(kind)}")
    if not text.endswith(".env"):
        raise unusable(
            "S3-ENV", file.field("value"), f"must name a file with the extension .env; got {quote_text(text)}"
        )
    because = f"{name_of(container)} starts with this environment file"
    yield from object_items(file.field("value"), text, setting, because)

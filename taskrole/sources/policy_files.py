"""Policy documents from files: plain JSON, or the output of the AWS CLI and of `taskrole derive`.

{"Version": …, "Statement": …}                                     one document
{"PolicyDocument": {…}}, {"PolicyVersion": {"Document": {…}}}      aws iam get-role-policy, get-policy-version
{"Role": {"AssumeRolePolicyDocument": {…}}}                        aws iam get-role: a trust policy
{"execution-grants": {…}, …}                                       taskrole derive --format policy: by name
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.policy.documents.statements import Document
from taskrole.reading import read_named
from taskrole.taskdef.json_text import parse_json

_WRAPPERS = (("PolicyDocument",), ("PolicyVersion", "Document"), ("Role", "AssumeRolePolicyDocument"))


def read_policies(path: Path) -> dict[str, Document]:
    """Return the documents of a file by name: its path, or the path followed by `#` and the name in the file.

    Raises InputError if the file cannot be read or has no policy.
    """
    data = parse_json(_content(path), str(path))
    documents = dict(_documents(data, str(path)))
    if not documents:
        message = f"must hold a policy, an object with Statement; got {_kind(data)}"
        raise InputError([Problem(Place(str(path)), message)])
    return documents


def read_policy(path: Path) -> Document:
    """Return the only document of a file. Raises InputError, also for several documents."""
    documents = read_policies(path)
    if len(documents) > 1:
        raise InputError([Problem(Place(str(path)), f"must hold one policy; got {len(documents)}")])
    return next(iter(documents.values()))


def _documents(data: Any, name: str) -> Iterator[tuple[str, Document]]:
    if not isinstance(data, Mapping):
        return
    if "Statement" in data:
        yield name, data
        return
    for wrapper in _WRAPPERS:
        inner = data
        for key in wrapper:
            inner = inner.get(key, {}) if isinstance(inner, Mapping) else {}
        if isinstance(inner, Mapping) and "Statement" in inner:
            yield name, inner
            return
    if data and all(isinstance(document, Mapping) and "Statement" in document for document in data.values()):
        yield from ((f"{name}#{key}", document) for key, document in data.items())


def _kind(data: Any) -> str:
    if isinstance(data, Mapping):
        return f"one with {', '.join(quote(key) for key in list(data)[:3]) or 'no keys'}"
    return "an array" if isinstance(data, list) else "a plain value"


def _content(path: Path) -> bytes:
    content = read_named(path)
    if not content.strip():
        raise InputError([Problem(Place(str(path)), "is empty; it must hold a policy, an object with Statement")])
    return content

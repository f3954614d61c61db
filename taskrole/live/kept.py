"""Answers of AWS, kept in a folder while an account is read, so that an interrupted reading goes on where it was.

One file an answer, written whole or not at all, for its owner's eyes only, and no older than a day. A reading that
has come to its end removes them: the next one sees the account as it is.
"""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from taskrole.errors import InputError, Place, Problem
from taskrole.files import keep_private, make_folder, remove_empty_folder, remove_file

LONGEST_KEPT = 24 * 3_600  # seconds
_PATTERN = "answer-*.json"


class Answers:
    """The answers kept in a folder; `reused` counts those that did not have to be asked for again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.reused = 0

    def find(self, request: Any) -> Any:
        """Return the answer to a request, or None where there is none that can be used."""
        path = self._path(request)
        try:
            if time.time() - path.stat().st_mtime > LONGEST_KEPT:
                return None
            kept = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(kept, dict) or kept.get("request") != request:
            return None
        self.reused += 1
        return kept.get("answer")

    def keep(self, request: Any, answer: Any) -> None:
        """Keep the answer to a request. Raises InputError where the folder cannot be written to."""
        path = self._path(request)
        text = json.dumps({"request": request, "answer": answer})
        try:
            make_folder(self._folder, private=True)
            keep_private(path, text)
        except InputError as error:
            message = f"{error.problems[0].message}; name another folder with --keep"
            raise InputError([Problem(Place(str(self._folder)), message)]) from error

    def forget(self) -> None:
        """Remove all answers, and the folder where nothing else is in it."""
        for path in self._folder.glob(_PATTERN):
            remove_file(path)
        remove_empty_folder(self._folder)

    def _path(self, request: Any) -> Path:
        digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        return self._folder / _PATTERN.replace("*", digest[:32])

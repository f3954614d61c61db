"""The cache for reading several accounts, so that an interrupted command can continue.

While an account is read, its answers are cached, those of IAM once for all regions. Of a finished region, only its part
is cached.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from taskrole.live.answer_cache import Answers
from taskrole.live.fleet.part import AccountPart
from taskrole.live.fleet.part_check import PART_CHECK
from taskrole.live.fleet.part_json import part_json, part_of_json


class KeptParts:
    """The parts that were read, by account and region; `binding` is everything that they depend on.

    `reused` counts the cached parts.
    """

    def __init__(self, root: Path, binding: Sequence[str | None], *, is_required: bool) -> None:
        """Prepare the folder; raises InputError as `Answers` does."""
        self._root = root
        self._binding = tuple(binding)
        self._is_required = is_required
        self._answers = Answers(root, ("parts", *self._binding), is_required=is_required)

    @property
    def problem(self) -> str:
        """Return why nothing is cached, or an empty string."""
        return self._answers.problem

    def find(self, account: str, region: str) -> AccountPart | None:
        """Return the part of an account and region, or None."""
        data = self._answers.find(["part", account, region])
        if data is None or PART_CHECK(data, "") or (data["account"], data["region"]) != (account, region):
            return None
        return part_of_json(data)

    def keep(self, part: AccountPart) -> None:
        """Store a part. Raises InputError if a given folder cannot be written to."""
        self._answers.keep(["part", part.account, part.region], part_json(part))

    def find_regions(self, account: str) -> tuple[str, ...]:
        """Return the enabled regions of an account, or none if they are not cached."""
        data = self._answers.find(["regions", account])
        is_known = isinstance(data, list) and all(isinstance(item, str) for item in data)
        return tuple(data) if is_known else ()

    def keep_regions(self, account: str, regions: Sequence[str]) -> None:
        """Store the enabled regions of an account."""
        self._answers.keep(["regions", account], list(regions))

    def answers(self, account: str) -> AccountAnswers:
        """Return the cached answers of an account that is being read."""
        return AccountAnswers(Answers(self._root, (account, *self._binding), is_required=self._is_required))

    def forget(self) -> None:
        """Remove all parts."""
        self._answers.forget()


class AccountAnswers:
    """The cached answers of an account: those of IAM, which is global, once for all regions."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def of(self, region: str) -> RegionAnswers:
        """Return the cached answers for the reader of a region."""
        return RegionAnswers(self._answers, region)

    def forget(self) -> None:
        """Remove all answers of the account."""
        self._answers.forget()


class RegionAnswers:
    """The cached answers of an account, for the reader of a region."""

    def __init__(self, answers: Answers, region: str) -> None:
        self._answers = answers
        self._region = region

    def find(self, request: Any) -> Any:
        """Return the answer to a request, or None."""
        return self._answers.find(self._own(request))

    def keep(self, request: Any, answer: Any) -> None:
        """Store the answer to a request."""
        self._answers.keep(self._own(request), answer)

    def _own(self, request: Any) -> Any:
        return request if request[0] == "iam" else [self._region, *request]

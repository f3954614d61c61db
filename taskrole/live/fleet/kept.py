"""What is kept of a reading of many accounts, so that the same command goes on where it was interrupted.

While an account is read: its answers, those of IAM for all of its regions. Once a region of it is read: its part alone.
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
    """The parts that are read, by account and region; `binding` is all that they depend on.

    `reused` counts those that were there already.
    """

    def __init__(self, root: Path, binding: Sequence[str | None], *, is_required: bool) -> None:
        """Prepare the folder; raises InputError as `Answers` does."""
        self._root = root
        self._binding = tuple(binding)
        self._is_required = is_required
        self._answers = Answers(root, ("parts", *self._binding), is_required=is_required)

    @property
    def problem(self) -> str:
        """Why nothing is kept, or nothing."""
        return self._answers.problem

    def find(self, account: str, region: str) -> AccountPart | None:
        """Return the part of an account and region, or None where it is not read yet."""
        data = self._answers.find(["part", account, region])
        if data is None or PART_CHECK(data, "") or (data["account"], data["region"]) != (account, region):
            return None
        return part_of_json(data)

    def keep(self, part: AccountPart) -> None:
        """Keep a part. Raises InputError where a folder that was named cannot be written to."""
        self._answers.keep(["part", part.account, part.region], part_json(part))

    def find_regions(self, account: str) -> tuple[str, ...]:
        """Return the regions that an account has enabled, none where that is not known yet."""
        data = self._answers.find(["regions", account])
        is_known = isinstance(data, list) and all(isinstance(one, str) for one in data)
        return tuple(data) if is_known else ()

    def keep_regions(self, account: str, regions: Sequence[str]) -> None:
        """Keep the regions that an account has enabled."""
        self._answers.keep(["regions", account], list(regions))

    def answers(self, account: str) -> AccountAnswers:
        """Return the answers of an account that is being read."""
        return AccountAnswers(Answers(self._root, (account, *self._binding), is_required=self._is_required))

    def forget(self) -> None:
        """Remove all parts."""
        self._answers.forget()


class AccountAnswers:
    """The answers of one account: those of IAM once for all regions, which IAM has not."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def of(self, region: str) -> RegionAnswers:
        """Return the answers for the reader of one region."""
        return RegionAnswers(self._answers, region)

    def forget(self) -> None:
        """Remove all answers of the account."""
        self._answers.forget()


class RegionAnswers:
    """The answers of one account, as a reader of one region asks for them."""

    def __init__(self, answers: Answers, region: str) -> None:
        self._answers = answers
        self._region = region

    def find(self, request: Any) -> Any:
        """Return the answer to a request, or None."""
        return self._answers.find(self._own(request))

    def keep(self, request: Any, answer: Any) -> None:
        """Keep the answer to a request."""
        self._answers.keep(self._own(request), answer)

    def _own(self, request: Any) -> Any:
        return request if request[0] == "iam" else [self._region, *request]

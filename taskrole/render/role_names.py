"""Names of derived roles: valid in IAM, unique, and the same each time."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from taskrole.grant import ROLE_KINDS, RoleKind
from taskrole.limits import LONGEST_ROLE_NAME

_DIGITS = 6
_LONGEST = LONGEST_ROLE_NAME - len("-execution")


def role_names(families: Sequence[str]) -> Mapping[tuple[str, RoleKind], str]:
    """Return the names of the roles of families, by family and kind: `FAMILY-execution`, `FAMILY-task`.

    A name that is too long, or the same as another family's, ends in unique digits.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    plain = {family: re.sub(r"[^A-Za-z0-9_]+", "-", family).strip("-") or "task" for family in families}
    uses = Counter(name[:_LONGEST].lower() for name in plain.values())
    unique = {
        family: name if len(name) <= _LONGEST and uses[name.lower()] == 1 else _distinct(name, family)
        for family, name in plain.items()
    }
    return {(family, kind): f"{name}-{kind}" for family, name in unique.items() for kind in ROLE_KINDS}


def _distinct(name: str, family: str) -> str:
    digest = hashlib.sha256(family.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{name[: _LONGEST - _DIGITS - 1]}-{digest}"

"""Formats a derivation as JSON. The same input gives the same bytes, in ASCII."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from taskrole.arns import Context
from taskrole.families import Family
from taskrole.finding import by_severity
from taskrole.output.json_text import json_member, json_text
from taskrole.output.report_members import context_member, finding_member, required_member
from taskrole.render.grant_json import grants_json
from taskrole.report_versions import REPORT_VERSIONS
from taskrole.role import Role
from taskrole.taskdef import Derivation


def derivation_json(derivation: Derivation, roles: Sequence[Role]) -> str:
    """Return the JSON of a derivation and its roles, with a trailing newline.

    Entries have a `file` if there are several task definitions, and grants that deny have an `effect`.
    """
    return json_text(
        {
            "schema_version": REPORT_VERSIONS["derive"],
            "context": context_member(derivation.context),
            **_body(derivation, roles),
        }
    )


def families_json(families: Sequence[Family], roles: Mapping[str, Sequence[Role]]) -> str:
    """Return the JSON of families and the roles of each, by name, with a trailing newline.

    Each of `families` contains the JSON of a derivation, its `family` and its `files`.
    """
    members = [family_json(family, roles.get(family.name, ())) for family in families]
    return f"{families_begin(families[0].derivation.context)}{','.join(members)}{FAMILIES_END}"


# Families are written one by one: the text of all of them needs more memory than their data.
_FAMILY_MARGIN = "\n    "
_OBJECT_END = "\n}\n"
FAMILIES_END = "\n  ]\n}\n"


def families_begin(context: Context) -> str:
    """Return the JSON of families up to the first one; a comma separates them, and FAMILIES_END follows the last."""
    head = json_text({"schema_version": REPORT_VERSIONS["derive by family"], "context": context_member(context)})
    return f'{head.removesuffix(_OBJECT_END)},\n  "families": ['


def family_json(family: Family, roles: Sequence[Role]) -> str:
    """Return the JSON of one family, with the preceding newline."""
    member = {"family": family.name, "files": list(family.files), **_body(family.derivation, roles)}
    return f"{_FAMILY_MARGIN}{json_member(member, _FAMILY_MARGIN)}"


def _body(derivation: Derivation, roles: Sequence[Role]) -> dict[str, Any]:
    return {
        "roles": {role.key: _role(role) for role in roles},
        "findings": [*map(finding_member, by_severity(derivation.findings))],
        "required_elsewhere": [*map(required_member, derivation.required_elsewhere)],
    }


def _role(role: Role) -> dict[str, Any]:
    policies = [{"name": policy.name, "kind": policy.kind, "document": policy.document} for policy in role.policies]
    return {"trust": role.trust, "policies": policies, "grants": partial(grants_json, role.grants)}

"""The variables of a module: typed, described and validated, each with the value in roles.yaml as its default."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from taskrole.addresses import identifier
from taskrole.arns import ACCOUNT, ACCOUNT_FORM
from taskrole.config import StackSpec
from taskrole.dataclass import dataclass
from taskrole.export.hcl import hcl_text
from taskrole.export.substitution import PARAMETERS, Substitution
from taskrole.export.terms import Attribute, Block, Expression, Value, Word
from taskrole.limits import (
    LONGEST_NAME_PREFIX,
    LONGEST_PATH,
    LONGEST_ROLE_NAME,
    LONGEST_TAG_KEY,
    LONGEST_TAG_VALUE,
    MOST_TAGS,
)
from taskrole.partitions import partitions
from taskrole.role import Role

_NAME_RULE = "letters, digits and _+=,.@-"


@dataclass(frozen=True)
class VariableCheck:
    """A validation condition, in Terraform's syntax or as a call, and its error message."""

    condition: Value
    message: str


@dataclass(frozen=True)
class Variable:
    """A variable; if it is nullable, its default is null, and the module chooses the value."""

    name: str
    type: str
    description: str
    default: Value
    checks: tuple[VariableCheck, ...]

    def block(self) -> Block:
        """Return the variable's block."""
        nullable = () if self.default is None else (Attribute("nullable", value=False),)
        return Block(
            "variable",
            (self.name,),
            (
                Attribute("description", self.description),
                Attribute("type", Word(self.type)),
                Attribute("default", self.default),
                *nullable,
                *(
                    Block(
                        "validation",
                        (),
                        (Attribute("condition", check.condition), Attribute("error_message", check.message)),
                    )
                    for check in self.checks
                ),
            ),
        )


def snake_names(roles: Sequence[Role]) -> dict[str, str]:
    """Return the roles' variable names in snake case, by key; duplicates get six digits of the key's hash."""
    snake = {role.key: _snake(role.key) for role in roles}
    uses = Counter(snake.values())
    return {
        key: name if uses[name] == 1 or name == key else f"{name}_{hashlib.sha256(key.encode()).hexdigest()[:6]}"
        for key, name in snake.items()
    }


def name_variable(role: Role, snake: str) -> Variable:
    """Return the variable of a role's name, or of its name prefix."""
    title = identifier(role.key)
    if role.name is None:
        return Variable(
            f"{snake}_name_prefix",
            "string",
            f"Name prefix of role {title}; Terraform completes the name.",
            role.name_prefix or "",
            (_pattern_check(f"{snake}_name_prefix", LONGEST_NAME_PREFIX, "A prefix"),),
        )
    return Variable(
        f"{snake}_name",
        "string",
        f"Name of role {title} in IAM.",
        role.name,
        (_pattern_check(f"{snake}_name", LONGEST_ROLE_NAME, "A role's name"),),
    )


def shared_variables(spec: StackSpec, substitution: Substitution) -> tuple[Variable, ...]:
    """Return the variables that all roles of a stack share, including those of ARNs that the stack contains."""
    context = spec.context
    return (
        _account_variable(context.account or ""),
        _region_variable(context.region),
        _partition_variable(context.partition),
        _path_variable(spec.roles),
        _boundary_variable(),
        _tags_variable(),
        *(
            _arns_variable(name, what, sorted(defaults))
            for kind, (name, what) in PARAMETERS.items()
            if (defaults := substitution.defaults(kind))
        ),
    )


def common_path(roles: Iterable[Role]) -> str | None:
    """Return the path of all roles, or None if they differ."""
    paths = {role.path for role in roles}
    return paths.pop() if len(paths) == 1 else None


def _account_variable(default: str) -> Variable:
    check = VariableCheck(
        Expression(f'can(regex("^{ACCOUNT.pattern}$", var.account_id))'), f"An account has {ACCOUNT_FORM}."
    )
    return Variable("account_id", "string", "Account of the tasks.", default, (check,))


def _region_variable(default: str) -> Variable:
    check = VariableCheck(
        Expression('can(regex("^[a-z]+(-[a-z0-9]+)+$", var.region))'), "A region is written as in eu-west-1."
    )
    return Variable("region", "string", "Region of the tasks.", default, (check,))


def _partition_variable(default: str) -> Variable:
    known = ", ".join(map(hcl_text, partitions()))
    check = VariableCheck(
        Expression(f"contains([{known}], var.partition)"), f"A partition is one of {', '.join(partitions())}."
    )
    return Variable("partition", "string", "AWS partition of the account.", default, (check,))


def _path_variable(roles: Sequence[Role]) -> Variable:
    common = common_path(roles)
    condition = f'can(regex("^/([!-~]+/)?$", var.path)) && length(var.path) <= {LONGEST_PATH}'
    others = ""
    if common is None:
        condition = f"var.path == null ? true : {condition}"
        others = " Default: each role's own."
    check = VariableCheck(
        Expression(condition),
        f"A path is / or begins and ends with it, holds no spaces, and has up to {LONGEST_PATH} characters.",
    )
    return Variable("path", "string", f"IAM path of the roles and their managed policies.{others}", common, (check,))


def _boundary_variable() -> Variable:
    check = VariableCheck(
        Expression(
            "var.permissions_boundary == null ? true : "
            f'can(regex("^arn:[a-z-]+:iam::({ACCOUNT.pattern}|aws):policy/.+$", var.permissions_boundary))'
        ),
        "A permissions boundary is the ARN of a managed policy.",
    )
    return Variable(
        "permissions_boundary",
        "string",
        "ARN of the permissions boundary of all roles. Default: each role's own, if any.",
        None,
        (check,),
    )


def _tags_variable() -> Variable:
    key = f'length(key) <= {LONGEST_TAG_KEY} && !startswith(lower(key), "aws:")'
    checks = (
        VariableCheck(Expression(f"length(var.tags) <= {MOST_TAGS}"), f"A role can have {MOST_TAGS} tags."),
        VariableCheck(
            Expression(f"alltrue([for key, value in var.tags : {key} && length(value) <= {LONGEST_TAG_VALUE}])"),
            f"A tag's key has up to {LONGEST_TAG_KEY} characters and does not begin with aws:, "
            f"its value has up to {LONGEST_TAG_VALUE}.",
        ),
    )
    return Variable("tags", "map(string)", "Additional tags of all roles.", {}, checks)


def _arns_variable(name: str, what: str, known: Sequence[str]) -> Variable:
    names = ", ".join(map(hcl_text, known))
    checks = (
        VariableCheck(
            Expression(f"length(setsubtract(keys(var.{name}), [{names}])) == 0"),
            f"Each key is one of local.{name} in main.tf.",
        ),
        VariableCheck(
            Expression(f'alltrue([for arn in values(var.{name}) : can(regex("^arn:[^:]+:[^:]+:", arn))])'),
            "Each value is an ARN.",
        ),
    )
    return Variable(
        name,
        "map(string)",
        f"ARNs of {what}, by their names in the module.",
        {},
        checks,
    )


def _pattern_check(name: str, longest: int, what: str) -> VariableCheck:
    return VariableCheck(
        Expression(f'can(regex("^[A-Za-z0-9_+=,.@-]{{1,{longest}}}$", var.{name}))'),
        f"{what} has 1 to {longest} {_NAME_RULE}.",
    )


def _snake(text: str) -> str:
    words = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", text)
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return plain if plain and plain[0].isalpha() else f"role_{plain}".rstrip("_")

"""Creates the roles.yaml that declares live roles, and compares it with the live roles before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from taskrole.arns import Context
from taskrole.config.load import Config, parse_config
from taskrole.config.raw import mapping_in
from taskrole.config.resolve import context_of_stack
from taskrole.config.roles_file import ADOPT_NOTE, NewRole, NewStack, declares, new_file, with_roles, write_new
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.files import replace_unchanged
from taskrole.grant import RoleKind
from taskrole.live.adopt import Adoption, Inherited, adopt, check_place, find_ecs_roles
from taskrole.live.client import known_region
from taskrole.live.roles import read_iam_role
from taskrole.live.service import Service, connect
from taskrole.live.verify import compare_role
from taskrole.role import Role
from taskrole.yaml_reader import read_file, read_yaml

NEW_STACK = "ecs"
_HEADING = (
    "Roles of the account, for Terraform to take over, written by taskrole adopt.\n"
    "For the keys, see docs/roles-yaml.md of taskrole, or hover over them.\n"
)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class AdoptRequest:
    """The roles to adopt, by name or ARN (none: all that ECS tasks can assume), and their stack, region and kind."""

    names: tuple[str, ...]
    stack: str | None = None
    region: str | None = None
    kind: RoleKind | None = None


@dataclass(frozen=True)
class Adopted:
    """The roles.yaml to write, the adopted roles, and messages.

    `passed` are messages on roles that are already declared, `changes` messages on what the first apply would change,
    `content` is the file as read, or None.
    """

    text: str
    stack: str
    adoptions: tuple[Adoption, ...]
    passed: tuple[str, ...]
    warnings: tuple[str, ...]
    changes: tuple[str, ...]
    content: bytes | None

    @property
    def imports(self) -> int:
        """Return the number of resources that Terraform will import."""
        return sum(adoption.imports for adoption in self.adoptions)


@dataclass(frozen=True)
class _Target:
    """The file as read, or None, and its stack."""

    path: Path
    content: bytes | None
    config: Config | None
    stack: str
    context: Context
    inherited: Inherited

    @property
    def text(self) -> str | None:
        return None if self.content is None else self.content.decode("utf-8-sig")


def adopt_roles(path: Path, request: AdoptRequest, progress: Progress) -> Adopted:
    """Return the roles.yaml at a path with live roles added; nothing is written.

    Raises InputError with all roles that do not exist or are not roles of ECS, ToolError if AWS does not respond.
    """
    target = _target(path, request)
    iam = connect("iam", target.context.region)
    if not request.names:
        progress("listing the account's roles")
    names = [name.rpartition("/")[2] for name in request.names] or find_ecs_roles(iam)
    known = {name: stack for name in names if (stack := _declared_in(target.config, name))}
    passed = tuple(f"role {name}: already declared in stack {stack}; skipped" for name, stack in known.items())
    wanted = [name for name in dict.fromkeys(names) if name not in known]
    live = _read(iam, wanted, request, progress)
    if not live:
        return Adopted(target.text or "", target.stack, (), passed, (), (), target.content)
    if target.context.account is None and target.text is None:
        target = replace(target, context=replace(target.context, account=live[0].iam_arn.split(":")[4]))
    adoptions = _adoptions(live, target, request.kind)
    text = _text(target, adoptions, live[0])
    changes = tuple(_differences(text, target, adoptions))
    return Adopted(text, target.stack, tuple(adoptions), passed, tuple(_warnings(adoptions)), changes, target.content)


def write_adopted(path: Path, adopted: Adopted) -> None:
    """Write the roles.yaml, and its schema if it is new. Raises ChangedError if the file changed since it was read."""
    if adopted.content is None:
        write_new(path, adopted.text)
    else:
        replace_unchanged(path, adopted.text, adopted.content)


def _target(path: Path, request: AdoptRequest) -> _Target:
    if not path.exists():
        context = _new_context(request.region)
        return _Target(path, None, None, request.stack or NEW_STACK, context, Inherited())
    content = read_file(path)
    config = parse_config(content, str(path))
    data = read_yaml(content, str(path)).data
    defaults = mapping_in(data, "defaults")
    spec = config.stack(request.stack) if request.stack else config.stacks[0]
    if request.stack is None and len(config.stacks) > 1:
        names = ", ".join(stack.name for stack in config.stacks)
        raise InputError([Problem(Place(str(path)), f"has several stacks: {names}; choose one with --stack")])
    own = mapping_in(mapping_in(data, "stacks"), spec.name) if spec else {}
    tags = {**mapping_in(defaults, "tags"), **mapping_in(own, "tags")}
    context = spec.context if spec else _new_context(request.region)
    name = spec.name if spec else request.stack or NEW_STACK
    return _Target(path, content, config, name, context, Inherited(defaults, tags))


def _new_context(region: str | None) -> Context:
    return context_of_stack(known_region(region, " for a new stack"))


def _declared_in(config: Config | None, name: str) -> str | None:
    stacks = config.stacks if config else ()
    return next((stack.name for stack in stacks for role in stack.roles if declares(role, name)), None)


def _read(iam: Service, names: Sequence[str], request: AdoptRequest, progress: Progress) -> list[Role]:
    roles: list[Role] = []
    problems: list[Problem] = []
    for number, name in enumerate(names, 1):
        progress(f"reading role {number} of {len(names)}: {name}")
        live = read_iam_role(iam, name, key=name, verbatim=True)
        given = next((arn for arn in request.names if arn.startswith("arn:") and arn.endswith(f"/{name}")), None)
        if live is None:
            problems.append(Problem(Place(f"role {name}"), "is not in the account; list all with --all-ecs"))
        elif given and given != live.iam_arn:
            problems.append(Problem(Place(f"role {given}"), f"is not in the account, but {live.iam_arn} is"))
        else:
            roles.append(live)
    if problems:
        raise InputError(problems)
    return roles


def _adoptions(live: Sequence[Role], target: _Target, kind: RoleKind | None) -> list[Adoption]:
    adoptions: list[Adoption] = []
    problems = [problem for role in live if (problem := check_place(role, target.context, target.stack))]
    for role in live:
        try:
            adoptions.append(adopt(role, target.context, target.inherited, kind))
        except InputError as error:  # noqa: PERF203 -- every role is checked
            problems += error.problems
    if problems:
        raise InputError(problems)
    return adoptions


def _text(target: _Target, adoptions: Sequence[Adoption], first: Role) -> str:
    stack = NewStack(target.stack, target.context.region, target.context.account or first.iam_arn.split(":")[4])
    roles = [NewRole(adoption.name, adoption.entry, notes={"adopt": ADOPT_NOTE}) for adoption in adoptions]
    if target.text is None:
        return new_file(stack, roles, _HEADING)
    return with_roles(target.text, target.path, stack, roles)


def _warnings(adoptions: Sequence[Adoption]) -> Iterator[str]:
    for adoption in adoptions:
        yield from (f"role {adoption.name}: {text}" for text in adoption.warnings)


def _differences(text: str, target: _Target, adoptions: Sequence[Adoption]) -> Iterator[str]:
    """Yield what the first apply would change, such as a setting of `defaults` that the role does not have."""
    stack = parse_config(text.encode(), str(target.path)).stack(target.stack)
    declared: dict[str, Any] = {role.key: role for role in stack.roles} if stack else {}
    for adoption in adoptions:
        for item in compare_role(declared[adoption.name], adoption.role, target.context):
            is_kept = item.item.startswith("tag aws:")
            if item.status != "OK" and not is_kept:
                yield f"role {adoption.name}: the first apply will change its {item.item}, set in defaults or the stack"

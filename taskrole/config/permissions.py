"""The grants, policies and notices of the keys `task_definitions`, `grants` and `deny` of roles.

Errors in task definitions are also problems of roles.yaml, each with its file and JSON pointer. This module is imported
only for a roles.yaml with any of these keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from taskrole.arns import ACCOUNT, ACCOUNT_FORM, Context, role_arn
from taskrole.config.access import expand_access
from taskrole.config.model import RoleSettings
from taskrole.config.options import pointed_keys, problems_of_options
from taskrole.config.options_model import to_options
from taskrole.config.placeholder_values import role_values, unused_in_role
from taskrole.config.raw import PERMISSION_KEYS, RawStack, mapping_in, read_stack
from taskrole.config.resolve import Permissions, grant_policies
from taskrole.config.task_definitions import find_files, read_task_definitions
from taskrole.errors import InputError, Place, Problem, TaskroleError, printable
from taskrole.finding import Finding, Severity, by_line
from taskrole.grant import Effect, Grant, RequiredElsewhere
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.principals import principals_of_kind
from taskrole.taskdef import RULES, Derivation, Options, TaskDocument, derive
from taskrole.taskdef.selection import select_documents
from taskrole.yaml_reader import Keys, Tree

_APPLICATION = (
    "what the application calls cannot be derived from a task definition and is not granted; add it to grants, by"
    " access level, or to statements"
)


def collect_permissions(tree: Tree, folder: Path) -> tuple[dict[tuple[str, str], Permissions], list[Problem]]:
    """Return the permissions of each role, by stack and role name, and all problems; `folder` contains roles.yaml.

    Invalid keys are left out: the model reports them.
    """
    collected: dict[tuple[str, str], Permissions] = {}
    problems: list[Problem] = []
    for name, data in mapping_in(tree.data, "stacks").items():
        stack = read_stack(name, data, tree)
        for key, keys, role in stack.roles:
            read = _readable(role)
            if read is None or not any(key in role for key in PERMISSION_KEYS):
                continue
            collector = _Collector(tree, folder, stack, keys, key, *read)
            permissions = collector.collect()
            problems += collector.problems
            collected[name, key] = permissions
    problems += _shared_names(collected, tree)
    return collected, problems


def _readable(role: Mapping[str, Any]) -> tuple[RoleSettings, frozenset[str]] | None:
    """Return the settings of a role without its invalid keys, and these keys; None if its kind is invalid."""
    try:
        return RoleSettings.model_validate(role), frozenset()
    except ValidationError as error:
        bad = frozenset(str(detail["loc"][0]) for detail in error.errors(include_url=False) if detail["loc"])
    try:
        return RoleSettings.model_validate({key: value for key, value in role.items() if key not in bad}), bad
    except ValidationError:
        return None


@dataclass
class _Collector:
    """Collects the grants, problems and findings of a role; has its location in the file."""

    tree: Tree
    folder: Path
    stack: RawStack
    keys: Keys
    key: str
    settings: RoleSettings
    unreadable: frozenset[str]
    problems: list[Problem] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)

    def collect(self) -> Permissions:
        derivation = self._derivation()
        kind = self.settings.kind
        derived = [grant for grant in derivation.grants if grant.role == kind] if derivation else []
        grants = [*derived, *self._access("grants", "Allow"), *self._access("deny", "Deny")]
        is_without = not self.settings.task_definitions and "task_definitions" not in self.unreadable
        if self.settings.options is not None and is_without:
            self._problem(("options",), "needs task_definitions; list the task definitions there")
        settings = self.settings
        own = settings.grants or settings.statements or settings.managed_policies or settings.inline_policies
        if kind == "task" and not own:
            self._finding("note", "APPLICATION", self.tree.place(self.keys), _APPLICATION)
        elsewhere = _of_role(derivation.required_elsewhere, self._arn()) if derivation else ()
        policies: tuple[Policy, ...] = ()
        if not self.problems and not self.unreadable:
            try:
                policies = grant_policies(self.key, settings, grants, self.stack.defaults.get("policy_delivery"))
            except TaskroleError as error:
                self.problems += [Problem(self.tree.place(self.keys), line) for line in str(error).splitlines()]
        return Permissions(tuple(sorted(grants)), policies, by_line(self.findings), elsewhere)

    def _derivation(self) -> Derivation | None:
        if not self.settings.task_definitions:
            return None
        files = []
        for match in find_files(self.settings.task_definitions, self.folder):
            if isinstance(match, str):
                files.append(match)
            else:
                self._problem(("task_definitions", match[0]), match[1])
        settings = self.settings
        try:
            values = role_values(self.stack, settings)
        except InputError as error:
            self.problems += error.problems
            return None
        named = settings.task_definitions
        documents, problems, skipped = read_task_definitions(files, self.folder, values, named=named)
        for problem in skipped:
            message = f"{problem}; skipped"
            self._finding("note", "NOT-READ", self.tree.place((*self.keys, "task_definitions")), message)
        documents = self._selected(documents)
        self.problems += problems or unused_in_role(documents, settings, self.tree, self.keys)
        context = self._context()
        # If the options cannot be used, findings would ask for options that are set.
        if context is None or not documents or "options" in self.unreadable:
            return None
        options = to_options(self.settings.options) if self.settings.options else Options()
        wrong = list(problems_of_options(options, context, self.tree, (*self.keys, "options")))
        if wrong:
            self.problems += wrong
            return None
        own_arn = {f"{self.settings.kind}_role_arn": self._arn()}
        derivation = derive(documents, context, options, lists_possible=False, **own_arn)
        default_file = documents[0].file if len(documents) == 1 else ""
        self._add_findings(derivation.findings, default_file)
        return replace(
            derivation, grants=tuple(replace(grant, file=grant.file or default_file) for grant in derivation.grants)
        )

    def _selected(self, documents: Sequence[TaskDocument]) -> list[TaskDocument]:
        """Return the documents of the role's families, or all if it has no families."""
        try:
            return select_documents(documents, self.settings.families if documents else ())
        except InputError as error:
            for problem in error.problems:
                self._problem(("families",), problem.message)
            return []

    def _context(self) -> Context | None:
        stack = self.stack
        if stack.account is None:
            message = f"needs an account for ARNs; set account, {ACCOUNT_FORM}, in the stack or in defaults"
            self._problem(("task_definitions",), message)
        if stack.partition is None or stack.region is None or not ACCOUNT.fullmatch(stack.account or ""):
            return None
        return Context(stack.partition.id, stack.region, stack.account)

    def _arn(self) -> str:
        """Return the ARN of the role for policies of other accounts; after a name prefix, SUFFIX is a placeholder."""
        partition = self.stack.partition.id if self.stack.partition else "aws"
        context = Context(partition, self.stack.region or "", self.stack.account)
        path = self.settings.path or self.stack.defaults.get("path") or "/"
        name = f"{self.settings.name_prefix}SUFFIX" if self.settings.name_prefix else self.key
        return role_arn(context, f"{str(path)[1:]}{name}")

    def _add_findings(self, findings: Iterable[Finding], default_file: str) -> None:
        for finding in findings:
            if finding.code == "APPLICATION":  # reported by `collect` instead
                continue
            place, rule = self._place(finding, default_file), RULES.get(finding.code)
            if finding.severity == "error":
                self.problems.append(Problem(place, f"{finding.message} [{finding.code}]"))
            elif rule is None or not rule.roles or self.settings.kind in rule.roles:
                self._finding(finding.severity, finding.code, place, finding.message)

    def _place(self, finding: Finding, default_file: str) -> Place:
        """Return the location of a finding: in a task definition or, for an option, in roles.yaml."""
        if finding.source.startswith("options:"):
            keys = (*self.keys, "options")
            return self.tree.place((*keys, *pointed_keys(finding.source.removeprefix("options:"), self.tree, keys)))
        if not finding.file and not finding.source:
            return self.tree.place(self.stack.keys)
        return Place(str(self.folder / (finding.file or default_file)), path=finding.source)

    def _access(self, key: str, effect: Effect) -> Iterator[Grant]:
        entries = self.settings.grants if effect == "Allow" else self.settings.deny
        if entries and effect == "Allow" and self.settings.kind == "execution":
            message = "are for a task role, which the application uses; for an execution role, use statements"
            self._problem((key,), message)
            return
        for index, entry in enumerate(entries):
            place: Keys = (key, index)
            for result in expand_access(entry, effect=effect, role=self.settings.kind, source=f"{key}:/{index}"):
                if isinstance(result, Grant):
                    yield result
                elif isinstance(result, Finding):
                    self._finding(result.severity, result.code, self.tree.place((*self.keys, *place)), result.message)
                else:
                    self._problem((*place, *result[0]), result[1])

    def _problem(self, keys: Keys, message: str) -> None:
        self.problems.append(Problem(self.tree.place((*self.keys, *keys)), message))

    def _finding(self, severity: Severity, code: str, place: Place, message: str) -> None:
        self.findings.add(
            Finding(code, severity, place.path, message, file=place.file, line=place.line, column=place.column)
        )


def _of_role(required: Iterable[RequiredElsewhere], arn: str) -> tuple[RequiredElsewhere, ...]:
    """Return the requirements with this role as principal, not those with the other role of the task definitions."""
    return tuple(requirement for requirement in required if arn in principals_of_kind(requirement.statement, "AWS"))


def _shared_names(collected: Mapping[tuple[str, str], Permissions], tree: Tree) -> Iterator[Problem]:
    """Yield a problem for each managed policy whose name is in use in its account."""
    seen: dict[tuple[Any, ...], tuple[str, str]] = {}
    for (stack_name, key), permissions in collected.items():
        stack = read_stack(stack_name, tree.data["stacks"][stack_name], tree)
        partition = stack.partition.id if stack.partition else None
        for policy in permissions.policies:
            if policy.kind != "managed":
                continue
            first = seen.setdefault((partition, stack.account, policy.name.lower()), (stack_name, key))
            if first != (stack_name, key):
                message = f"the name of policy {printable(policy.name)} is in use by role {first[1]!r}"
                place = tree.place((*stack.keys, "roles", key))
                yield Problem(place, f"{message} of stack {first[0]}; policy names must be unique in an account")

"""EcsTaskRoles: the execution and task role of a task definition, derived inside its app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskrole.errors import InputError, Place, Problem
from taskrole.finding import Finding
from taskrole.grant import RequiredElsewhere
from taskrole.output.lines import finding_line, required_line
from taskrole.taskdef import Options
from taskrole.taskdef.values.values import Values
from taskrole_cdktf.app_resources import AppResources, without_tokens
from taskrole_cdktf.declare import SharedArguments
from taskrole_cdktf.derived_roles import derive_roles, plain_data, read_definition
from taskrole_cdktf.engine import Annotations, Construct
from taskrole_cdktf.known_options import KnownOptions
from taskrole_cdktf.references import References
from taskrole_cdktf.role import EcsRole
from taskrole_cdktf.token_arguments import separate_tokens

if TYPE_CHECKING:
    from typing_extensions import Unpack


class EcsTaskRoles(Construct):
    """The roles `NAME-execution` and `NAME-task`, with exactly the permissions that a task definition needs.

    `task_definition` is the path of a file in any supported form, or the data or JSON text that the app passes to ECS:
    a task definition, or container definitions alone. Secrets, repositories, log groups and other resources of the app
    are referenced as usual in CDKTF, and the policies refer to their ARNs. `values` fill the placeholders of a file.
    `grants` are the calls of the application, `options` settings that a task definition does not contain, both as in
    roles.yaml (docs/roles-yaml.md); both may contain references. `name` is by default the task definition's family.
    `permissions_boundary` and the values of `tags` may be references. The region and account are by default those of
    the stack's AwsProvider.

    `execution_role_arn` and `task_role_arn` are for the task definition, `policies` for `depends_on` of resources that
    must not start before the roles have their permissions. `findings` are those on the task definition,
    `required_elsewhere` the statements that other accounts must add. The CDKTF command line prints the warnings among
    them.

    Raises InputError with all problems.
    """

    def __init__(  # noqa: PLR0913 -- each is a setting of its own, given by name
        self,
        scope: Construct,
        id_: str,
        *,
        task_definition: str | Path | Mapping[str, Any] | Sequence[Any],
        grants: Sequence[Mapping[str, Any]] = (),
        options: Options | Mapping[str, Any] | None = None,
        values: Mapping[str, str] | None = None,
        name: str | None = None,
        region: str | None = None,
        account: str | None = None,
        partition: str | None = None,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(scope, id_)
        app = AppResources(self, region=region, account=account, partition=partition)
        references = References(app.place_of, app.expression_of)
        title = self.node.path

        def known(value: Any) -> Any:
            return references.substitute(without_tokens(self, plain_data(value, title)))

        try:
            source = known(task_definition)
            document = read_definition(source, title, Values(known(values or {})))
            own = app.known_options(dict(references.types))
            arguments = separate_tokens(self, shared)
            roles = derive_roles(
                document,
                name or _family(document.family, references, title),
                app.place,
                grants=known(grants),
                options=_options(options, own, known),
                **arguments.known,
            )
        except InputError as error:
            raise InputError(
                replace(problem, message=references.restore(problem.message)) for problem in error.problems
            ) from None
        self.execution_role, self.task_role = (
            EcsRole(
                self,
                role,
                references=references.restore,
                permissions_boundary=arguments.permissions_boundary,
                tags=arguments.tags,
            )
            for role in (roles.execution, roles.task)
        )
        self.policies = (*self.execution_role.policies, *self.task_role.policies)
        self.findings: tuple[Finding, ...] = tuple(
            replace(finding, message=references.restore(finding.message)) for finding in roles.findings
        )
        self.required_elsewhere: tuple[RequiredElsewhere, ...] = roles.required_elsewhere
        warnings = [finding_line(finding) for finding in self.findings if finding.severity == "warning"]
        elsewhere = [f"required elsewhere: {required_line(required)}" for required in self.required_elsewhere]
        for line in (*warnings, *own.warnings, *elsewhere):
            Annotations.of(self).add_warning(line)

    @property
    def execution_role_arn(self) -> str:
        """A reference to the ARN of the execution role."""
        return self.execution_role.arn

    @property
    def task_role_arn(self) -> str:
        """A reference to the ARN of the task role."""
        return self.task_role.arn


def _options(
    options: Options | Mapping[str, Any] | None, own: KnownOptions, known: Callable[[Any], Any]
) -> Options | Mapping[str, Any]:
    """Return options with those that follow from the app, and with symbolic values for references."""
    if isinstance(options, Options):
        return replace(own, kms_keys=known(own.kms_keys), bucket_owners=known(own.bucket_owners)).given_to(options)
    return dict(known(own.given_to(options)))


def _family(family: str, references: References, title: str) -> str:
    """Return the family, on which the role names are based. Raises InputError if it is unknown."""
    if family and "${" not in family and references.restore(family) == family:
        return family
    why = "is known only after the apply" if family else "is not in the task definition"
    message = f"must be given, for the names of the roles: the family {why}"
    raise InputError([Problem(Place(title, path="name"), message)])

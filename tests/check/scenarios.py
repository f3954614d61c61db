"""Tasks and the roles that they are checked with, as a user has them in an account."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskrole.arns import Context
from taskrole.check import Assignment, CheckReport, check_tasks
from taskrole.derived import derived_roles
from taskrole.grant import RoleKind
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document, policy_document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.render.comparison import WORKSHOP_POLICIES
from taskrole.role import Role, trust_policy
from taskrole.sources.declared import configured_role
from taskrole.taskdef import EcsExec, Options, TaskDocument, derive
from taskrole.taskdef.features.keys import AWS_OWNED, EVERYTHING
from taskrole.taskdef.read import parse_documents
from tests.policy_documents import allow

CASES = Path(__file__).parent / "cases"
CONTEXT = Context("aws", "eu-west-1", "111122223333")
KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
FOREIGN_KEY = "arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-3333-4444-777777777777"
DB = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-Ab12Cd"
TLS = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:shared/tls-Ef34Gh"
GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:/shop/web"
IMAGE = "arn:aws:ecr:eu-west-1:111122223333:repository/shop/web"
EFS = "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-0a1b2c3d"

Roles = Callable[[Sequence[TaskDocument], Options], dict[RoleKind, EffectiveRole]]


def deny(actions: str | list[str], resources: str | list[str], **more: Any) -> dict[str, Any]:
    return {**allow(actions, resources, **more), "Effect": "Deny"}


LOGIN = allow("ecr:GetAuthorizationToken", "*")
PULL = allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], IMAGE)
WRITE = allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{GROUP}:*")
CREATE = allow("logs:CreateLogGroup", f"{GROUP}:*")


def subject(
    name: str, *statements: dict[str, Any], trust: Document | None = None, boundary: Document | None = None
) -> EffectiveRole:
    """Return a role with an inline policy; by default, tasks of the account can assume it."""
    policy = Policy("own", "inline", policy_document(statements))
    return EffectiveRole(name, (policy,), (), boundary, "", trust or trust_policy("account", CONTEXT))


def workshop(documents: Sequence[TaskDocument], options: Options) -> dict[RoleKind, EffectiveRole]:
    policies = [managed_policy(name) for name in WORKSHOP_POLICIES]
    role = Role(
        "ecsTaskExecutionRole",
        "execution",
        trust_policy("off", CONTEXT),
        name="ecsTaskExecutionRole",
        attachments=tuple(policy.arn for policy in policies if policy),
    )
    return {"execution": configured_role(role, CONTEXT)}


def exact(documents: Sequence[TaskDocument], options: Options) -> dict[RoleKind, EffectiveRole]:
    roles = derived_roles(derive(documents, CONTEXT, options))
    return {role.kind: configured_role(role, CONTEXT) for role in roles}


def given(execution: EffectiveRole, task: EffectiveRole | None = None) -> Roles:
    roles: dict[RoleKind, EffectiveRole] = {"execution": execution, **({"task": task} if task else {})}
    return lambda documents, options: roles


@dataclass(frozen=True)
class Scenario:
    """Task definitions by the names of their files, their options, and their roles."""

    files: tuple[str, ...]
    roles: Roles
    options: Options = field(default_factory=Options)

    def report(self) -> CheckReport:
        documents = [document for file in self.files for document in read(file)]
        roles = self.roles(documents, self.options)
        assignments = [Assignment(document.file, kind, role) for kind, role in roles.items() for document in documents]
        return check_tasks(documents, CONTEXT, {"execution": self.options, "task": self.options}, assignments)


def read(name: str) -> list[TaskDocument]:
    return parse_documents(json.loads((CASES / f"{name}.json").read_text("utf-8")), f"{name}.json")


_DEPOT = Options(kms_keys={TLS: FOREIGN_KEY, EVERYTHING: AWS_OWNED}, ecs_exec=EcsExec())

SCENARIOS: dict[str, Scenario] = {
    "workshop": Scenario(("shop",), workshop),
    "workshop-needs-more": Scenario(("shop-more",), workshop, Options(kms_keys={"shop/db": KEY})),
    "exact": Scenario(("shop-more", "depot"), exact, _DEPOT),
    "json-key": Scenario(
        ("shop",),
        given(subject("shop", LOGIN, PULL, WRITE, CREATE, allow("secretsmanager:GetSecretValue", f"{DB}:password::"))),
    ),
    "no-create-group": Scenario(
        ("shop",), given(subject("shop", LOGIN, PULL, WRITE, allow("secretsmanager:GetSecretValue", DB)))
    ),
    "group-without-streams": Scenario(
        ("shop",),
        given(
            subject(
                "shop",
                LOGIN,
                PULL,
                allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], GROUP),
                allow("secretsmanager:GetSecretValue", DB),
            )
        ),
    ),
    "elsewhere": Scenario(
        ("depot",),
        given(
            subject(
                "depot-execution",
                LOGIN,
                allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], IMAGE.replace("shop/web", "depot/worker")),
                allow("secretsmanager:GetSecretValue", TLS),
                allow("kms:Decrypt", FOREIGN_KEY, Condition={"StringEquals": {"kms:ViaService": "ssm.amazonaws.com"}}),
                allow(
                    ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "arn:aws:logs:eu-west-1:111122223333:log-group:/depot:log-stream:depot/*",
                ),
            ),
            subject(
                "depot-task",
                allow("elasticfilesystem:ClientMount", EFS),
                allow("ssmmessages:*", "*"),
                deny("ssmmessages:Open*", "*"),
                trust=policy_document(
                    [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
                ),
            ),
        ),
        _DEPOT,
    ),
    "not-known": Scenario(
        ("shop-more",),
        given(
            EffectiveRole(
                "shop",
                (
                    Policy(
                        "own",
                        "inline",
                        policy_document(
                            [
                                LOGIN,
                                PULL,
                                allow("logs:*", "*", Condition={"StringEquals": {"aws:ResourceTag/team": "shop"}}),
                                allow("secretsmanager:GetSecretValue", [DB, f"{DB.replace('/db-', '/mail-')}"]),
                                allow("ssm:GetParameter", "*"),
                                allow(["s3:GetObject", "s3:GetBucketLocation"], "arn:aws:s3:::shop-config"),
                            ]
                        ),
                    ),
                ),
                boundary=policy_document(
                    [allow("*", "*"), deny("ecr:*", "*", Condition={"Null": {"aws:SourceVpce": "true"}})]
                ),
                trust_problem="it is known only after the apply",
            )
        ),
    ),
}

"""Reports for the tests of renderers: six that users get, one of them with hostile values."""

from __future__ import annotations

from dataclasses import replace

from taskrole.finding import Finding, SourceLocation, Waiver
from taskrole.grant import Condition
from taskrole.policy.documents.statements import Document
from taskrole.review.render import RenderOptions
from taskrole.review.report import (
    AccessRow,
    Accounting,
    Drift,
    DriftChange,
    ManagedPolicy,
    NotReviewed,
    PlanFacts,
    PolicyReview,
    Report,
    RoleReview,
    SettingsUse,
    TrustChange,
    Unresolved,
    WorkloadReview,
)

OPTIONS = RenderOptions(
    stack="payments",
    docs_url="https://docs.example.com/taskrole/review-rules",
    report_url="https://ci.example.com/runs/42",
    source=SourceLocation("main.py", 1),
    version="1.2.3",
)
PLAN = PlanFacts(
    hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    format_version="1.2",
    terraform_version="1.11.4",
    creates=5,
)
ACCOUNT = "111122223333"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:prod/db-a1b2c3"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0c0ffee0-1111-2222-3333-444455556666"
VIA_SECRETS: Condition = ("StringEquals", "kms:ViaService", ("secretsmanager.eu-west-1.amazonaws.com",))
ECS_ONLY: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    ],
}
OPENED: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::999988887777:root", "*"]},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        },
    ],
}
ECS_CLAUSE = f"ecs-tasks.amazonaws.com can assume it if aws:SourceAccount StringEquals {ACCOUNT}"
MADE = TrustChange(changed=True, before=None, after=ECS_ONLY, added=(ECS_CLAUSE,), key="5e8f0a1b2c3d4e5f")
UNCHANGED = TrustChange(changed=False, before=ECS_ONLY, after=ECS_ONLY)


def row(level: str, actions: str, resources: str, because: str = "", **others) -> AccessRow:
    """Return a grant of actions and resources that are separated by spaces, with a key of its content."""
    granted = tuple(actions.split(" "))
    on = tuple(resources.split(" "))
    key = f"{len(actions):02x}{len(resources):02x}{sum(map(ord, actions + resources)):06x}"
    sentence = f"{level} `{', '.join(granted)}` on `{', '.join(on)}`"
    return AccessRow(
        **{
            "effect": "Allow",
            "access_level": level,
            "actions": granted,
            "resources": on,
            "conditions": (),
            "sentence": sentence,
            "because": because,
            "key": key,
            **others,
        }
    )


READ_SECRET = row(
    "Read",
    "secretsmanager:GetSecretValue",
    SECRET,
    "container api of task definition payments, /containerDefinitions/0/secrets/0/valueFrom",
)
DECRYPT = row(
    "Write",
    "kms:Decrypt",
    KEY,
    "the secret of /containerDefinitions/0/secrets/0/valueFrom is encrypted with this key",
    conditions=(VIA_SECRETS,),
)
TOKEN = row("Read", "ecr:GetAuthorizationToken", "*", "container api of task definition payments, image")
PULL = row(
    "Read",
    "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer",
    f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/payments/api",
    "container api of task definition payments, image",
)
LOGS = row(
    "Write",
    "logs:CreateLogStream logs:PutLogEvents",
    f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/ecs/payments:log-stream:*",
    "container api of task definition payments, /containerDefinitions/0/logConfiguration",
)
ALL_SECRETS = row("Read", "secretsmanager:*", "*")
PASS_ROLE = row("Permissions management", "iam:PassRole", "*")

ALL_BUT_IAM = row("Permissions management", "iam:* organizations:*", "*", not_actions=True)
NO_BOUNDARY = row("Permissions management", "*", "*", origin="boundary")


def managed(name: str, change: str, actions: int | None, own: str = "") -> ManagedPolicy:
    """Return an AWS managed policy, or a customer managed policy by its ARN or address."""
    owner = "customer" if own else "aws"
    return ManagedPolicy(name, own or f"arn:aws:iam::aws:policy/{name}", owner, change, actions)


def report(verdict: str, *roles: RoleReview, **others) -> Report:
    """Return a report of these roles, by default complete and not blocked."""
    given = {"blocked": False, "reasons": (), "findings": (), "unresolved": (), "data_date": "2026-10-27", **others}
    return Report(verdict=verdict, plan=given.pop("plan", PLAN), roles=roles, **given)


def role(verdict: str, name: str = "payments-exec", **others) -> RoleReview:
    """Return a role with an unchanged trust policy by default; its name says how tasks use it."""
    address = f"aws_iam_role.{name.replace('-', '_')}"
    used_as = ("task",) if name.endswith("-task") else ("execution",)
    given = {"address": address, "name": name, "verdict": verdict, "trust": UNCHANGED, "used_as": used_as}
    return RoleReview(**{**given, **others})


NOTHING = report("no-change", role("no-change"))

NEUTRAL = report("neutral", role("neutral"), role("no-change", "payments-task"))

FIRST_APPLY = report(
    "broadens",
    role(
        "broadens",
        trust=MADE,
        added=(LOGS, DECRYPT, TOKEN, PULL, READ_SECRET),
        actions_after={"Write": 3, "Read": 5},
    ),
    role("broadens", "payments-task", trust=MADE),
    blocked=True,
    reasons=("payments-exec may do more, and 5 grants have no approval: see --require-approval",),
    notes=("3 policies is not known from the plan were read from the configuration",),
)

NARROWING = report(
    "narrows",
    role(
        "narrows",
        added=(replace(READ_SECRET, approved=True),),
        removed=(ALL_SECRETS, row("List", "secretsmanager:ListSecrets", "*")),
        actions_before={"Permissions management": 3, "Write": 12, "Tagging": 2, "Read": 8, "List": 2},
        actions_after={"Write": 1, "Read": 8},
    ),
    plan=replace(PLAN, creates=0, updates=1),
)

BROADENING = report(
    "broadens",
    role(
        "broadens",
        added=(PASS_ROLE, DECRYPT, ALL_SECRETS, ALL_BUT_IAM, NO_BOUNDARY),
        removed=(READ_SECRET, row("Write", "s3:DeleteObject", "arn:aws:s3:::payments-archive/*", effect="Deny")),
        actions_before={"Write": 3, "Read": 5},
        actions_after={"Permissions management": 4, "Write": 15, "Tagging": 2, "Read": 12, "List": 2},
        managed=(
            managed("SecretsManagerReadWrite", "gains", 53),
            managed("made-here", "gains", None, "aws_iam_policy.made_here"),
            managed("AmazonECSTaskExecutionRolePolicy", "loses", 6),
            managed("payments-jobs", "edits", 1, f"arn:aws:iam::{ACCOUNT}:policy/payments-jobs"),
            managed("CloudWatchLogsFullAccess", "keeps", 138),
        ),
    ),
    role(
        "narrows",
        "payments-task",
        removed=(row("Write", "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"),),
        actions_before={"Write": 2},
        actions_after={"Write": 1},
    ),
    blocked=True,
    reasons=(
        "payments-exec may do more, and 5 grants have no approval: see --require-approval",
        "1 finding is an error: see --fail-on",
    ),
    findings=(
        Finding(
            "passrole-without-service",
            "error",
            "aws_iam_role_policy.payments_exec",
            "iam:PassRole on * lets the role hand any role of the account to any service",
            fix="name the roles, and add the condition iam:PassedToService",
            actions=("iam:PassRole",),
            resources=("*",),
            file="stacks/payments.py",
            line=42,
        ),
        Finding(
            "wildcard-action",
            "warning",
            "aws_iam_role_policy.payments_exec",
            "secretsmanager:* allows 23 actions, of which the tasks use 1",
            fix="name secretsmanager:GetSecretValue",
        ),
        Finding(
            "broad-managed-policy",
            "warning",
            "aws_iam_role_policy_attachment.payments_exec",
            "CloudWatchLogsFullAccess allows 55 actions on *",
            fix="replace it with logs:CreateLogStream and logs:PutLogEvents on the log group",
            waived=Waiver("platform@example.com", "until the log groups are moved", "2027-01-31"),
        ),
    ),
    plan=replace(PLAN, creates=1, updates=3, deletes=1),
    drift=(
        Drift(
            "aws_iam_role.payments_exec",
            (
                DriftChange("+", "account 999988887777 can assume it", broadens=True, outcome="undone"),
                DriftChange("-", "policy own was taken from it", broadens=False, outcome="kept"),
            ),
        ),
        Drift("aws_iam_policy.jobs", (DriftChange("±", "path was '/', is '/a/'", broadens=False, outcome="unknown"),)),
    ),
)

TRUST_OPENED = report(
    "broadens",
    role(
        "broadens",
        trust=TrustChange(
            changed=True,
            before=ECS_ONLY,
            after=OPENED,
            added=(
                "ecs-tasks.amazonaws.com can assume it",
                "anybody can assume it by sts:AssumeRole, sts:TagSession",
                "account 999988887777 can assume it by sts:AssumeRole, sts:TagSession",
            ),
            removed=(ECS_CLAUSE,),
            key="0f1e2d3c4b5a6978",
        ),
        actions_before={"Write": 3, "Read": 5},
        actions_after={"Write": 3, "Read": 5},
    ),
    blocked=True,
    reasons=("2 findings are errors: see --fail-on",),
    findings=(
        Finding(
            "trust-opened",
            "error",
            "aws_iam_role.payments_exec",
            "anyone, and account 999988887777, can assume the role after this plan",
            fix="name the one principal that needs it, with a condition",
        ),
        Finding(
            "trust-conditions-removed",
            "error",
            "aws_iam_role.payments_exec",
            "aws:SourceAccount no longer limits who can assume the role",
            fix="keep the condition aws:SourceAccount",
        ),
    ),
)

UNRESOLVED = report(
    "unresolved",
    role(
        "unresolved",
        trust=TrustChange(changed=True, before=ECS_ONLY, after=None),
        added=(READ_SECRET,),
        actions_before={"Read": 4},
        actions_after={"Read": 5},
    ),
    blocked=True,
    reasons=("2 values could not be resolved: see --strict",),
    unresolved=(
        Unresolved("aws_iam_role.payments_exec", "assume_role_policy", "it is known after apply"),
        Unresolved(
            'module.roles["eu"].aws_iam_role_policy.this[0]',
            "policy",
            "it refers to aws_secretsmanager_secret.db.arn, and the configuration has no constant text",
        ),
    ),
    plan=replace(PLAN, is_complete=False, is_errored=True),
)

EVIL = (
    "</code></td></table><script>alert(1)</script><img src=x onerror=alert(2)> [click](javascript:alert(3)) "
    "![x](https://evil.example/p.png) @everyone #1 GH-2 deadbeefcafe `` ``` | a | \\| --> <!-- ]]> {0} [a](1) "
    "\x1b[31mred\x1b[0m \u202etxt.exe\u202c \u200b \r\n::error file=x::pwned\n##[error]pwned\n##vso[task.complete]\n"
    "# heading\n- list\n1. one\n> quote\n\ud800 \x00 \uffff https://evil.example www.evil.example a@evil.example "
    "&lt;b&gt; ${aws:username} $(id) {{ x }} \u05d0\u05d1\u05d2 \u754c"
)

HOSTILE = report(
    "broadens",
    RoleReview(
        address=f'aws_iam_role.x["{EVIL}"]',
        name=EVIL,
        verdict="broadens",
        trust=TrustChange(
            changed=True,
            before={"Statement": EVIL},
            after={
                "Statement": [
                    EVIL,
                    7,
                    {"Effect": EVIL, "Principal": {EVIL: [EVIL, {"a": EVIL}]}, "Action": EVIL, "Condition": EVIL},
                    {"NotPrincipal": EVIL, "Condition": {EVIL: {EVIL: [EVIL]}}},
                ]
            },
            added=(EVIL, f"{EVIL} cannot assume it"),
            removed=(EVIL,),
            key=EVIL,
        ),
        added=(
            AccessRow("Allow", EVIL, (EVIL, "s3:*"), (EVIL,), ((EVIL, EVIL, (EVIL, "b")),), EVIL, EVIL, EVIL),
            row("Write", "s3:PutObject", f"arn:aws:s3:::{'x' * 20_000}"),
        ),
        removed=(AccessRow("Deny", "Write", (EVIL,), (EVIL,), (), EVIL, "", EVIL, approved=True),),
        actions_before={EVIL: 1},
        used_as=("execution",),
        needs_unknown=EVIL,
        actions_after={EVIL: 2, "Write": 1},
        managed=(managed(EVIL, "gains", 1, EVIL), managed(f"a{EVIL}", "keeps", None)),
    ),
    blocked=True,
    reasons=(EVIL, "- a list", "1. a list", "+ a list", "> a quote", "# a heading", "    code", "---"),
    findings=(
        Finding(EVIL, "error", EVIL, EVIL, fix=EVIL, file=f"a/../{EVIL}", line=-3),
        Finding("rule-1", "note", EVIL, EVIL, fix=EVIL, waived=Waiver(EVIL, EVIL, EVIL), file="/etc/passwd", line=0),
        Finding(
            "rule-1",
            "warning",
            EVIL,
            "",
            fix="",
            waived=None,
            file="a b/ü[1]#.py",
            line=3,
            actions=(EVIL,),
            resources=(EVIL,),
        ),
    ),
    unresolved=(Unresolved(EVIL, EVIL, EVIL),),
    notes=(EVIL,),
    policies=(
        PolicyReview(
            EVIL, EVIL, EVIL, "broadens", (row("Write", "a", "b"),), (), 3, 1, counts=True, note=EVIL, key=EVIL
        ),
    ),
    workloads=(WorkloadReview(EVIL, EVIL, EVIL, EVIL, EVIL, "unresolved", because=EVIL, key=EVIL),),
    not_reviewed=(
        NotReviewed(EVIL, EVIL, (EVIL,), EVIL, EVIL),
        NotReviewed(f"{EVIL}2", EVIL, (EVIL,), EVIL, f"{EVIL}2"),
    ),
    settings=SettingsUse(((EVIL, 1),), ((EVIL, 1),), ((EVIL, 1),)),
    drift=(Drift(EVIL, (DriftChange("+", EVIL, broadens=True, outcome="changed"),)),),
    plan=replace(PLAN, hash=EVIL, terraform_version=EVIL, format_version=EVIL),
)

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
READ_PARTS = tuple(row("Read", f"{service}:Get* {service}:Describe*", "*") for service in ("ec2", "ecs", "s3", "sqs"))


def whole(arn: str, count: int, *parts: AccessRow, **others) -> AccessRow:
    """Return an AWS managed policy that is gained or lost as a whole."""
    given = {"key": f"{count:016x}", "policy": arn, "count": count, "parts": parts, **others}
    return replace(parts[0], actions=(), because="", **given)


EVERYTHING = report(
    "broadens",
    role(
        "narrows",
        "payments-task",
        removed=(whole(READ_ONLY, 1_234, *READ_PARTS),),
        actions_before={"Read": 1_234},
    ),
    role(
        "broadens",
        "shop-web",
        added=(
            row("Write", "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"),
            whole(ADMIN, 17_000, row("Permissions management", "*", "*"), approved=True),
        ),
        managed=(managed("AdministratorAccess", "gains", 17_000),),
        actions_after={"Permissions management": 17_000},
    ),
    role("unresolved", "shop-batch"),
    role("broadens", "shop-cron", trust=MADE),
    role("no-change", "shop-idle"),
    RoleReview(
        "aws_iam_role_policy_attachment.somewhere",
        "",
        "unresolved",
        UNCHANGED,
        (row("Write", "s3:DeleteObject", "*"),),
        is_known=False,
    ),
    blocked=True,
    reasons=("role shop-web: 1 grant without an approval", "1 unwaived error"),
    findings=(
        Finding(
            "TR-ADMIN", "error", "aws_iam_role.shop_web", "role shop-web may do everything", fix="name the actions"
        ),
        Finding(
            "TR-WILDCARD-ACTION", "error", "aws_iam_role.old", "s3:* on * is old", fix="name the actions", touched=False
        ),
        Finding(
            "TR-WILDCARD-ACTION",
            "warning",
            "aws_iam_role.older",
            "sqs:* on * is older",
            fix="name the actions",
            touched=False,
        ),
    ),
    unresolved=(
        Unresolved("aws_iam_role_policy.shop_batch", "policy", "it refers to local.policy", "aaaabbbbccccdddd"),
        Unresolved("aws_iam_role.shop_batch", f"arn:aws:iam::{ACCOUNT}:policy/elsewhere", "it is not in this plan"),
    ),
    plan=replace(PLAN, creates=1, updates=4),
    policies=(
        PolicyReview(
            "aws_iam_policy.shared",
            "shared",
            f"arn:aws:iam::{ACCOUNT}:policy/shared",
            "broadens",
            added=(row("Write", "s3:PutObject", "arn:aws:s3:::exports/*"),),
            attachments=12,
            seen=1,
            counts=True,
            note="11 of its attachments are outside this plan",
            key="eeeeffff00001111",
        ),
        PolicyReview(
            "aws_iam_policy.own", "own", "", "narrows", removed=(LOGS,), seen=1, note="its role is in this plan"
        ),
    ),
    workloads=(
        WorkloadReview(
            "aws_ecs_task_definition.batch",
            "batch",
            "task_role_arn",
            "shop-web",
            f"arn:aws:iam::{ACCOUNT}:role/elsewhere",
            "unresolved",
            because="the role is not in this plan",
            key="2222333344445555",
        ),
        WorkloadReview(
            "aws_ecs_service.cron",
            "cron",
            "task_definition",
            "shop-cron",
            "shop-web",
            "broadens",
            added=(PASS_ROLE,),
            key="6666777788889999",
            approved=True,
        ),
    ),
    not_reviewed=(
        NotReviewed("aws_s3_bucket_policy.a", "aws_s3_bucket_policy", ("update",), "resource policies", "it is one"),
        NotReviewed(
            'aws_s3_bucket_policy.b["x"]', "aws_s3_bucket_policy", ("create",), "resource policies", "it is one"
        ),
        NotReviewed("acme_thing.a", "acme_thing", ("create",), "unknown types", "acme_thing is not known"),
        NotReviewed("acme_thing.b", "acme_thing", ("delete",), "unknown types", "acme_thing is not ours"),
    ),
    accounting=Accounting(12, 30, 4),
    settings=SettingsUse(
        (("TR-TRUST-DEPUTY", 3),), (("platform@example.com", 2), ("shop@example.com", 1)), (("shop@example.com", 1),)
    ),
)

REPORTS = {
    "everything": EVERYTHING,
    "first-apply": FIRST_APPLY,
    "narrowing": NARROWING,
    "broadening": BROADENING,
    "trust-opened": TRUST_OPENED,
    "unresolved": UNRESOLVED,
    "hostile": HOSTILE,
}
QUIET = {"no-change": NOTHING, "neutral": NEUTRAL}

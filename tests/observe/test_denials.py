"""Tests messages about denied calls in all wordings: principal, action, resource and reason. The texts are invented."""

from __future__ import annotations

import json
from itertools import product

import pytest

from taskrole.observe.denials import find_denials, parse_denial
from taskrole.observe.recording import Denial, DenialReason

SESSION = "arn:aws:sts::111122223333:assumed-role/orders-task/0f9c1a2b3c4d5e6f708192a3b4c5d6e7"
ACCOUNT = "eu-west-1:111122223333"
KEY = f"arn:aws:kms:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# The reason's words, the reason, and whether it was a Deny statement; {action} is the denied action.
CLAUSES: list[tuple[str, DenialReason, bool | None]] = [
    ("because no identity-based policy allows the {action} action", "identity", False),
    ("with an explicit deny in an identity-based policy", "identity", True),
    ("because no permissions boundary allows the {action} action", "boundary", False),
    ("with an explicit deny in a permissions boundary", "boundary", True),
    ("because no session policy allows the {action} action", "session", False),
    ("with an explicit deny in a session policy", "session", True),
    ("because no resource-based policy allows the {action} action", "resource", False),
    ("with an explicit deny in a resource-based policy", "resource", True),
    ("because no service control policy allows the {action} action", "service-control", False),
    ("with an explicit deny in a service control policy", "service-control", True),
    ("due to an explicit deny in a Service Control Policy", "service-control", True),
    ("because no resource control policy allows the {action} action", "resource-control", False),
    ("with an explicit deny in a resource control policy", "resource-control", True),
    ("because no VPC endpoint policy allows the {action} action", "endpoint", False),
    ("with an explicit deny in a VPC endpoint policy", "endpoint", True),
    ("because no role trust policy allows the {action} action", "resource", False),
    ("with an explicit deny in the role trust policy", "resource", True),
    ("with an explicit deny", "unknown", True),
    ("", "unknown", None),
]

# Each service's spelling of the action, the action, and how it writes the resource: its words, and what they name.
CALLS = [
    ("s3:GetObject", "s3:GetObject", 'on resource: "arn:aws:s3:::orders/in 1.csv"', "arn:aws:s3:::orders/in 1.csv"),
    ("s3:PutObject", "s3:PutObject", "", ""),
    ("dynamodb:Query", "dynamodb:Query", f"on resource: arn:aws:dynamodb:{ACCOUNT}:table/o/index/i",
     f"arn:aws:dynamodb:{ACCOUNT}:table/o/index/i"),
    ("sqs:sendmessage", "sqs:SendMessage", f"on resource: arn:aws:sqs:{ACCOUNT}:o", f"arn:aws:sqs:{ACCOUNT}:o"),
    ("SNS:Publish", "sns:Publish", f"on resource: arn:aws:sns:{ACCOUNT}:o", f"arn:aws:sns:{ACCOUNT}:o"),
    ("kms:Decrypt", "kms:Decrypt", f"on resource: {KEY}", KEY),
    ("kms:Decrypt", "kms:Decrypt", "on the resource associated with this ciphertext", ""),
    ("kms:GenerateDataKey", "kms:GenerateDataKey", "on this resource", ""),
    ("secretsmanager:GetSecretValue", "secretsmanager:GetSecretValue",
     f"on resource: arn:aws:secretsmanager:{ACCOUNT}:secret:o/db-Ab12Cd",
     f"arn:aws:secretsmanager:{ACCOUNT}:secret:o/db-Ab12Cd"),
    ("ssm:GetParameters", "ssm:GetParameters", f"on resource: arn:aws:ssm:{ACCOUNT}:parameter/o/db",
     f"arn:aws:ssm:{ACCOUNT}:parameter/o/db"),
    ("logs:CreateLogStream", "logs:CreateLogStream", f"on resource: arn:aws:logs:{ACCOUNT}:log-group:/o:log-stream:",
     f"arn:aws:logs:{ACCOUNT}:log-group:/o:log-stream:"),
    ("lambda:InvokeFunction", "lambda:InvokeFunction", f"on resource: arn:aws:lambda:{ACCOUNT}:function:o",
     f"arn:aws:lambda:{ACCOUNT}:function:o"),
    ("ecr:GetAuthorizationToken", "ecr:GetAuthorizationToken", "on resource: *", "*"),
    ("kinesis:PutRecord", "kinesis:PutRecord", f"on resource: arn:aws:kinesis:{ACCOUNT}:stream/o",
     f"arn:aws:kinesis:{ACCOUNT}:stream/o"),
    ("states:StartExecution", "states:StartExecution", f"on resource: arn:aws:states:{ACCOUNT}:stateMachine:o",
     f"arn:aws:states:{ACCOUNT}:stateMachine:o"),
    ("events:PutEvents", "events:PutEvents", f"on resource: arn:aws:events:{ACCOUNT}:event-bus/o",
     f"arn:aws:events:{ACCOUNT}:event-bus/o"),
    ("bedrock:InvokeModel", "bedrock:InvokeModel",
     "on resource: arn:aws:bedrock:eu-west-1::foundation-model/own.model-v1:0",
     "arn:aws:bedrock:eu-west-1::foundation-model/own.model-v1:0"),
    ("execute-api:Invoke", "execute-api:Invoke",
     "on resource: arn:aws:execute-api:eu-west-1:********3333:a1b2c3/prod/GET/orders",
     "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/GET/orders"),
    ("sts:AssumeRole", "sts:AssumeRole", "on resource: arn:aws:iam::444455556666:role/reports",
     "arn:aws:iam::444455556666:role/reports"),
    ("iam:GetRole", "iam:GetRole", "on resource: role reports", "arn:aws:iam::111122223333:role/reports"),
    ("ssmmessages:CreateControlChannel", "ssmmessages:CreateControlChannel", "on resource: *", "*"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "reason", "explicit"), CLAUSES, ids=[words or "bare" for words, _, _ in CLAUSES])
def test_every_reason_is_read_for_every_service(words: str, reason: DenialReason, explicit: bool | None) -> None:
    for spelled, action, on, resource in CALLS:
        parts = [f"User: {SESSION} is not authorized to perform: {spelled}", on, words.format(action=spelled)]
        text = " ".join(filter(None, parts))

        assert parse_denial(text) == Denial(reason, explicit, SESSION, action, resource), text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("An error occurred (AccessDeniedException) when calling the Query operation: ", ""),
        ("ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException: ",
         " status code: 400, request id: 7f0c"),
        ("You are not authorized to perform this operation. ", ". Encoded authorization failure message: a-B_c"),
        ('{"__type":"AccessDeniedException","Message":"', '"}'),
        ("2026-11-24T10:00:00Z ERROR [main] o.e.Orders - ", " (Service: DynamoDb, Status Code: 400)"),
    ],
)  # fmt: skip
def test_text_around_a_message_is_ignored(before: str, after: str) -> None:
    on = f"arn:aws:dynamodb:{ACCOUNT}:table/orders"
    for words, reason, explicit in CLAUSES:
        clause = f" {words.format(action='dynamodb:Query')}" if words else ""
        text = f"{before}User: {SESSION} is not authorized to perform: dynamodb:Query on resource: {on}{clause}{after}"

        assert parse_denial(text) == Denial(reason, explicit, SESSION, "dynamodb:Query", on), text


@pytest.mark.parametrize(
    ("text", "denial"),
    [
        (f"User `{SESSION}' is not authorized to perform `ses:SendEmail' on resource"
         f" `arn:aws:ses:{ACCOUNT}:identity/o@x.org'",
         Denial("unknown", None, SESSION, "ses:SendEmail", f"arn:aws:ses:{ACCOUNT}:identity/o@x.org")),
        (f"User: {SESSION} is not authorized to perform: ec2:CreateVpcEndpoint on resource:"
         f" arn:aws:ec2:{ACCOUNT}:vpc-endpoint/* because no identity-based policy allows the vpce:AllowMultiRegion"
         " action",
         Denial("identity", False, SESSION, "vpce:AllowMultiRegion", f"arn:aws:ec2:{ACCOUNT}:vpc-endpoint/*")),
        (f"User: {SESSION} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext"
         " because the resource does not exist in this Region, no resource-based policies allow access, or a"
         " resource-based policy explicitly denies access", Denial("resource", None, SESSION, "kms:Decrypt")),
        (f'User: {SESSION} is not authorized to perform: s3:PutObjectAcl on resource: "arn:aws:s3:::o/k" because public'
         " ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access",
         Denial("resource", True, SESSION, "s3:PutObjectAcl", "arn:aws:s3:::o/k")),
        ("The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are"
         " not allowed to access.", Denial("unknown", action="kms:Decrypt")),
        ("AccessDeniedException: Access to KMS is not allowed", Denial("unknown", action="kms:Decrypt")),
        ("Access to the resource https://sqs.eu-west-1.amazonaws.com/111122223333/orders is denied.",
         Denial("unknown", resource=f"arn:aws:sqs:{ACCOUNT}:orders")),
        ("Access to the resource https://sqs.cn-north-1.amazonaws.com.cn/111122223333/orders is denied.",
         Denial("unknown", resource="arn:aws-cn:sqs:cn-north-1:111122223333:orders")),
        ('FATAL: PAM authentication failed for user "orders"', Denial("unknown", action="rds-db:connect")),
        ("User is not authorized to access this resource with an explicit deny", Denial("unknown", True)),
        ("Not authorized to perform sts:AssumeRoleWithWebIdentity",
         Denial("unknown", action="sts:AssumeRoleWithWebIdentity")),
        ("Access Denied", Denial("unknown")),
        ("An error occurred (403) when calling the HeadObject operation: Forbidden", Denial("unknown")),
        ("You are not authorized to perform this operation. Encoded authorization failure message: a-B_c",
         Denial("unknown")),
    ],
)  # fmt: skip
def test_services_with_their_own_form_of_message_are_read(text: str, denial: Denial) -> None:
    assert parse_denial(text) == denial


@pytest.mark.parametrize("end", ["the sqs:SendMessage action", "the sqs:SendMessage", "the action"])
def test_a_truncated_clause_gives_the_reason(end: str) -> None:
    text = f"User: {SESSION} is not authorized to perform: sqs:SendMessage because no session policy allows {end}"

    assert parse_denial(text) == Denial("session", False, SESSION, "sqs:SendMessage")


def test_the_policy_in_a_message_is_read() -> None:
    arn = "arn:aws:organizations::444455556666:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4"
    text = (
        f"User: {SESSION} is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:{ACCOUNT}:o"
        f" with an explicit deny in a service control policy: {arn}."
    )

    denial = parse_denial(text)

    assert denial is not None
    assert (denial.reason, denial.policy) == ("service-control", arn)


@pytest.mark.parametrize("key", ['a "quoted" key', "because no one", "ünï/コード", "a'b`c", "100% (copy).csv", "a\\b"])
def test_an_object_key_of_any_characters_is_read_completely(key: str) -> None:
    for words, reason, explicit in CLAUSES[:4]:
        text = (
            f'User: {SESSION} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::orders/{key}" '
            f"{words.format(action='s3:GetObject')}"
        )

        assert parse_denial(text) == Denial(reason, explicit, SESSION, "s3:GetObject", f"arn:aws:s3:::orders/{key}")


def test_a_wrapped_or_escaped_message_is_read() -> None:
    on = f"arn:aws:sqs:{ACCOUNT}:orders"
    text = f"User: {SESSION} is not authorized to perform: sqs:SendMessage on resource: {on}"
    text += " because no session policy allows the sqs:SendMessage action"

    forms = [text.replace(" ", "\n"), text.replace(" ", "\r\n  "), json.dumps({"m": json.dumps({"m": text})})]

    expected = Denial("session", False, SESSION, "sqs:SendMessage", on)
    assert [parse_denial(form) for form in forms] == [expected] * 3


def test_each_denial_of_a_log_is_read_once_with_its_own_reason() -> None:
    def line(action: str, clause: str) -> str:
        return f"[x] User: {SESSION} is not authorized to perform: {action} on resource: * {clause}\n"

    lines = [
        line(action, clause.format(action=action)) for (clause, _, _), (_, action, _, _) in product(CLAUSES, CALLS)
    ]

    denials = list(find_denials("".join(lines + lines)))

    assert len(denials) == len(set(denials)) == len({(a, r, e) for (_, r, e), (_, a, _, _) in product(CLAUSES, CALLS)})


@pytest.mark.parametrize("text", ["", "hello", "Rate exceeded", "The specified key does not exist.", "Forbidden fruit"])
def test_text_without_a_denied_call_gives_none(text: str) -> None:
    assert parse_denial(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "user " * 50_000 + "is not authorized to perform: a:b",
        "not authorized to perform: a:b " * 20_000,
        "not authorized to perform: a:b on resource: " + '" ' * 100_000,
        "not authorized to perform: a:b" + " because no " * 50_000,
        "not authorized to perform" + " " * 200_000,
    ],
    ids=["principals", "messages", "quotes", "clauses", "spaces"],
)
def test_a_hostile_text_is_read_fast(text: str) -> None:
    assert len(list(find_denials(text))) <= 1

"""Tests recognising the denied call in texts of failures: those of the rules, and others."""

from __future__ import annotations

import pytest

from taskrole.arns import Context
from taskrole.observe.stopped_reasons import named_resources, read_symptom
from taskrole.taskdef import RULES
from taskrole.taskdef.failures import FAILURES, TRUST_FAILURE
from tests.taskdef.failures import with_ec2

PLACE = Context("aws", "eu-west-1", "111122223333")
START = "ResourceInitializationError: unable to pull secrets or registry auth: "
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-Ab12Cd"

# The failures whose text names the feature: others are only the message of AWS, or no text.
SAID = [
    (key, failure.words)
    for key, first in FAILURES.items()
    for failure in (first, first.on_ec2)
    if failure and failure.where != "container's log" and "{action}" not in failure.words
]
# Rules whose failures have the same text as those of another rule, but for the action.
LIKE = {"S3-2": "S3-1", "FL-2 s3:GetBucketLocation": "FL-2"}


@pytest.mark.parametrize(("key", "words"), SAID, ids=[key for key, _ in SAID])
def test_the_text_of_each_failure_leads_to_its_rule(key: str, words: str) -> None:
    symptom = read_symptom(words.replace("…", "x1"))

    assert symptom is not None
    assert symptom.cause == ""
    assert symptom.rule == LIKE.get(key) or words in {failure.words for failure in with_ec2(FAILURES[symptom.rule])}
    assert symptom.kind in RULES[symptom.rule].roles


def test_the_failure_of_trust_leads_to_the_role() -> None:
    symptom = read_symptom(TRUST_FAILURE.words)

    assert symptom is not None
    assert (symptom.rule, symptom.actions) == ("TRUST", ("sts:AssumeRole",))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"{START}unable to retrieve ecr registry auth: operation error ECR: GetAuthorizationToken, https response"
         " error StatusCode: 400, api error AccessDeniedException: x", "IMG-1"),
        (f"{START}unable to retrieve secret from asm: api error AccessDeniedException: User: arn:aws:sts::111122223333:"
         "assumed-role/o/t is not authorized to perform: kms:Decrypt", "KMS-1"),
        ("CannotPullContainerError: ref pull has been retried 1 time(s): failed to resolve reference \"x\": unexpected"
         " status code [manifests latest]: 403 Forbidden", "IMG-2"),
        ("CannotPullImageManifestError: Error response from daemon: pull access denied for orders", "IMG-2"),
        ("CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code"
         " https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/a: 403 Forbidden", "IMG-2"),
        ("service orders was unable to place a task. Reason: ECS was unable to assume the role"
         " 'arn:aws:iam::111122223333:role/orders' that was provided for this task.", "TRUST"),
        ("VolumeDriver.Create: mounting volume failed: b'mount.nfs4: access denied by server while mounting"
         " 127.0.0.1:/'", "EFS-1"),
        ("SessionManagerPlugin: TargetNotConnected: ecs:c_t_r is not connected.", "EXE-1"),
    ],
)  # fmt: skip
def test_texts_of_other_platforms_are_recognised(text: str, rule: str) -> None:
    symptom = read_symptom(text)

    assert symptom is not None
    assert (symptom.rule, symptom.cause) == (rule, "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{START}unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets"
         " Manager.", "could not be reached"),
        (f"{START}unable to retrieve ecr registry auth: RequestError: dial tcp 10.0.0.1:443: i/o timeout",
         "could not be reached"),
        (f"{START}unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key x",
         "not have this JSON key"),
        (f"{START}unable to retrieve secret from asm: InvalidRequestException: it was marked for deletion",
         "being deleted"),
        ("CannotStartContainerError: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified"
         " log group does not exist.", "does not exist"),
        ("CannotPullContainerError: toomanyrequests: You have reached your pull rate limit.", "throttles requests"),
        ('CannotPullContainerError: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/o:1": not found', "does not exist"),
    ],
)  # fmt: skip
def test_a_failure_with_another_cause_gives_no_denied_call(text: str, words: str) -> None:
    symptom = read_symptom(text)

    assert symptom is not None
    assert words in symptom.cause


@pytest.mark.parametrize(
    ("text", "action", "resource"),
    [
        (f"failed to fetch secret {SECRET} from secrets manager:", "secretsmanager:GetSecretValue", SECRET),
        ("pulling from host x: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/orders:1.2", "ecr:BatchGetImage",
         "arn:aws:ecr:eu-west-1:111122223333:repository/team/orders"),
        ("unable to download env file with key a/b.env from bucket orders-in, error: x", "s3:GetObject",
         "arn:aws:s3:::orders-in/a/b.env"),
        ("mount fs-0123456789abcdef0: access denied", "elasticfilesystem:ClientMount",
         "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-0123456789abcdef0"),
    ],
)  # fmt: skip
def test_the_resource_of_the_call_is_taken_from_the_text(text: str, action: str, resource: str) -> None:
    assert named_resources(text, action, PLACE) == (resource,)


def test_an_arn_of_another_type_is_left_out() -> None:
    assert named_resources(f"{SECRET} and arn:aws:iam::111122223333:role/x", "s3:GetObject", PLACE) == ()


def test_a_denial_counts_in_any_surrounding_text() -> None:
    symptom = read_symptom(f"{START}unable to retrieve secret from asm: AccessDeniedException: x; RequestCanceled")

    assert symptom is not None
    assert symptom.cause == ""


def test_text_of_an_unknown_form_has_no_symptom() -> None:
    assert read_symptom("Essential container in task exited") is None

"""Tests invalid task_definitions, options, grants and deny: a problem of roles.yaml or of the task definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.config import load_config, task_definitions
from taskrole.errors import InputError

STACK = "version: 1\nstacks:\n  s:\n    region: eu-west-1\n    account: '111122223333'\n    roles:\n      web:\n"
ROLE = "stacks.s.roles.web"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"


def problems(folder: Path, settings: str, stack: str = STACK) -> list[str]:
    (folder / "project/tasks").mkdir(parents=True, exist_ok=True)
    (folder / "project/cdktf.json").write_text("{}")
    path = folder / "project/roles.yaml"
    path.write_text(f"{stack}        {settings}\n")
    with pytest.raises(InputError) as caught:
        load_config(path)
    return [line.replace(f"{folder}/project/", "") for line in str(caught.value).splitlines()]


def write_task(folder: Path, name: str = "web", **container: Any) -> None:
    (folder / "project/tasks").mkdir(parents=True, exist_ok=True)
    container_definition = {"name": "web", "image": "nginx", **container}
    (folder / f"project/tasks/{name}.json").write_text(json.dumps({"containerDefinitions": [container_definition]}))


ENTRIES = {
    "an absolute path": (
        "kind: task\n        task_definitions: [/etc/passwd]",
        "roles.yaml:9:28: stacks.s.roles.web.task_definitions[0]: must be relative to the folder of roles.yaml",
    ),
    "a path out of the project": (
        "kind: task\n        task_definitions: [../outside.json]",
        "task_definitions[0]: must be inside of the project; got '../outside.json'; copy it there",
    ),
    "a link out of the project": (
        "kind: task\n        task_definitions: [tasks/link.json]",
        "task_definitions[0]: must be inside of the project; got 'tasks/link.json'; copy it there",
    ),
    "a file that is not there": (
        "kind: task\n        task_definitions: [tasks/nix.json]",
        "task_definitions[0]: no such file, or a folder without *.json, *.yaml and *.yml; got 'tasks/nix.json'",
    ),
    "a pattern of no file": (
        "kind: task\n        task_definitions: [tasks/x*.json]",
        "task_definitions[0]: matches no file; got 'tasks/x*.json', which is relative to the folder of this file",
    ),
    "options without task definitions": (
        "kind: task\n        options: {}",
        "roles.yaml:9:9: stacks.s.roles.web.options: needs task_definitions; list the task definitions there",
    ),
    "an unknown option": (
        "kind: task\n        task_definitions: [tasks/web.json]\n        options: {kms_key: {}}",
        "roles.yaml:10:19: stacks.s.roles.web.options.kms_key: unknown key 'kms_key'; did you mean kms_keys?",
    ),
    "a wrong option": (
        "kind: task\n        task_definitions: [tasks/web.json]\n        options: {ecs_exec: {kms_key: alias/x}}",
        "roles.yaml:10:30: stacks.s.roles.web.options.ecs_exec.kms_key: must be an ARN",
    ),
    "grants for an execution role": (
        "kind: execution\n        grants: [{access: read, resources: 'arn:aws:s3:::b'}]",
        "grants: are for a task role, which the application uses; for an execution role, use statements",
    ),
    "neither access nor actions": (
        "kind: task\n        grants: [{resources: 'arn:aws:s3:::b'}]",
        "grants[0]: must have access, such as read, or actions",
    ),
    "no ARN": (
        "kind: task\n        grants: [{access: read}]",
        "grants[0]: must have the key resources",
    ),
    "an invalid level": (
        "kind: task\n        grants: [{access: reed, resources: 'arn:aws:s3:::b'}]",
        "must be one of list, read, write, tagging, permissions-management; got 'reed'; did you mean read?",
    ),
    "a level on everything": (
        "kind: task\n        grants: [{access: read, resources: '*'}]",
        "grants[0].resources[0]: must be ARNs with access, as an access level needs a service; for *, use actions",
    ),
    "a level that the ARN does not have": (
        "kind: task\n        grants: [{access: list, resources: 'arn:aws:sqs:eu-west-1:111122223333:q'}]",
        "resources[0]: has no actions of level list; 'arn:aws:sqs:eu-west-1:111122223333:q' has read, write, tagging",
    ),
    "an invalid service": (
        "kind: task\n        grants: [{access: read, resources: 'arn:aws:dynamo:eu-west-1:111122223333:table/t'}]",
        "resources[0]: unknown service 'dynamo'; did you mean dynamodb?",
    ),
    "an ARN that its service does not have": (
        "kind: task\n        grants: [{access: read, resources: 'arn:aws:dynamodb:eu-west-1:111122223333:tables/t'}]",
        "resources[0]: is not an ARN of dynamodb, such as arn:${Partition}:dynamodb:",
    ),
    "an action of another partition's resource": (
        "kind: task\n        grants: [{access: read, resources: 'arn:aws-cn:s3:::b'}]",
        "grants[0].resources: never matches: stack s is in partition aws; got 'arn:aws-cn:s3:::b'",
    ),
    "an invalid action": (
        f"kind: task\n        grants: [{{actions: dynamodb:GetItm, resources: '{TABLE}'}}]",
        "grants[0].actions[0]: no action is named 'dynamodb:GetItm'; did you mean dynamodb:GetItem?",
    ),
    "an action of no service": (
        f"kind: task\n        grants: [{{actions: dynamo:GetItem, resources: '{TABLE}'}}]",
        "actions[0]: no service has the prefix 'dynamo'; did you mean dynamodb?",
    ),
    "an action in the wrong case": (
        f"kind: task\n        grants: [{{actions: dynamodb:getItem, resources: '{TABLE}'}}]",
        "actions[0]: must be spelled dynamodb:GetItem; got 'dynamodb:getItem'",
    ),
    "a pattern of actions": (
        f"kind: task\n        grants: [{{actions: 'dynamodb:Get*', resources: '{TABLE}'}}]",
        "actions[0]: must be an action without wildcards; got 'dynamodb:Get*'; use access, or write statements",
    ),
    "an action on another resource type": (
        "kind: task\n        grants: [{actions: s3:ListBucket, resources: 'arn:aws:s3:::b/*'}]",
        "actions[0]: applies to accesspoint, bucket, and to none of these resources; got 's3:ListBucket'",
    ),
    "an action without resources on an ARN": (
        "kind: task\n        grants: [{actions: s3:ListAllMyBuckets, resources: 'arn:aws:s3:::b'}]",
        "actions[0]: can be allowed on * only, as it has no resource types; got 's3:ListAllMyBuckets'",
    ),
    "an ARN that takes none of the actions": (
        f"kind: task\n        grants: [{{actions: s3:ListBucket, resources: ['arn:aws:s3:::b', '{TABLE}']}}]",
        f"resources[1]: none of these actions applies to it: s3:ListBucket; got '{TABLE}'",
    ),
    "a pattern of no action": (
        "kind: task\n        deny: [{actions: 's3:Nix*', resources: 'arn:aws:s3:::b/*'}]",
        "deny[0].actions[0]: matches no known action; got 's3:Nix*'",
    ),
    "a reason of two lines": (
        'kind: task\n        grants: [{access: read, resources: "arn:aws:s3:::b", because: "a\\nb"}]',
        "because: must be a line of 1 to 200 printable characters",
    ),
}


@pytest.mark.parametrize(("settings", "message"), ENTRIES.values(), ids=ENTRIES)
def test_a_mistake_gives_a_single_problem_at_its_location(tmp_path: Path, settings: str, message: str) -> None:
    write_task(tmp_path)
    (tmp_path / "outside.json").write_text('{"containerDefinitions": []}')
    (tmp_path / "project/tasks/link.json").symlink_to(tmp_path / "outside.json")

    messages = problems(tmp_path, settings)

    assert len(messages) == 1, messages
    assert message in messages[0]


def test_task_definitions_need_the_account(tmp_path: Path) -> None:
    write_task(tmp_path)
    stack = STACK.replace("    account: '111122223333'\n", "")

    messages = problems(tmp_path, "kind: task\n        trust: off\n        task_definitions: [tasks/web.json]", stack)

    assert messages == [
        f"roles.yaml:9:9: {ROLE}.task_definitions: needs an account for ARNs; set account, "
        "12 digits, in the stack or in defaults"
    ]


def test_errors_of_task_definitions_are_reported_with_file_and_pointer(tmp_path: Path) -> None:
    write_task(tmp_path, image=5)
    write_task(tmp_path, "api", secrets=[{"name": "A", "valueFrom": "$SECRET"}])
    (tmp_path / "project/tasks/broken.json").write_text("{")

    messages = problems(tmp_path, "kind: execution\n        path: ecs\n        task_definitions: [tasks/*.json]")

    assert [line.partition(": must")[0].partition(": contains")[0] for line in messages] == [
        f"roles.yaml:9:9: {ROLE}.path: a path must begin and end with / and have no spaces; got 'ecs'; write '/ecs/'",
        "tasks/api.json: /containerDefinitions/0/secrets/0/valueFrom",
        "tasks/broken.json:1:2: is not valid JSON: expecting property name enclosed in double quotes",
        "tasks/web.json: /containerDefinitions/0/image",
    ]
    assert messages[1].endswith("[PLACEHOLDER]")


def test_more_task_definitions_than_a_role_can_have_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_definitions, "_MOST_FILES", 0)
    write_task(tmp_path)

    messages = problems(tmp_path, "kind: execution\n        task_definitions: [tasks]")

    assert messages == [f"roles.yaml:9:28: {ROLE}.task_definitions[0]: must be at most 0 files for one role; got 1"]


def test_unreadable_options_give_no_errors_of_their_task_definitions(tmp_path: Path) -> None:
    write_task(tmp_path, credentialSpecs=["credentialspecdomainless:arn:aws:s3:::b/spec.json"])
    settings = "kind: execution\n        task_definitions: [tasks]\n        options: {credential_spec_secrets: 5}"

    assert problems(tmp_path, settings) == [
        f"roles.yaml:10:19: {ROLE}.options.credential_spec_secrets: must be a mapping; got '5'"
    ]


def test_a_policy_that_is_too_large_is_reported_with_the_excess(tmp_path: Path) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret"
    write_task(tmp_path, secrets=[{"name": f"S{n}", "valueFrom": f"{arn}:{n:0400}-AbCdEf"} for n in range(250)])

    (message,) = problems(tmp_path, "kind: execution\n        task_definitions: [tasks/web.json]")

    assert message.startswith(f"roles.yaml:7:7: {ROLE}: grants: needs ")
    assert "characters more than a role can have: 20 managed policies of 6144" in message


def test_two_roles_with_policies_of_the_same_name_are_refused(tmp_path: Path) -> None:
    write_task(tmp_path, image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1")
    body = "policy_delivery: managed\n        task_definitions: [tasks/web.json]"
    other = f"      other:\n        kind: execution\n        name_prefix: WEB-\n        {body}"

    (error,) = problems(tmp_path, f"kind: execution\n        {body}\n{other}")

    assert error == (
        "roles.yaml:11:7: stacks.s.roles.other: the name of policy WEB-grants is in use by role 'web' of stack s; "
        "policy names must be unique in an account"
    )

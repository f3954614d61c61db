"""Task definitions that are read with values: as if their author had written these, at the places of the document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.taskdef import Derivation, TaskDocument, derive, parse_document, read_documents
from taskrole.taskdef.values.values import Values

HERE = Context("aws", "eu-west-1", "111122223333")
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"
REPOSITORY = "arn:aws:ecr:eu-west-1:111122223333:repository/web"


def task(image: str, **fields: Any) -> dict[str, Any]:
    return {"family": "web", "containerDefinitions": [{"name": "web", "image": image, **fields}]}


def read(data: Any, **by_name: str) -> TaskDocument:
    return parse_document(data, "web.json", Values(by_name))


def derived(document: TaskDocument) -> Derivation:
    return derive([document], HERE)


def errors(document: TaskDocument) -> list[tuple[str, str]]:
    return [(finding.code, finding.source) for finding in derived(document).findings if finding.severity == "error"]


def test_a_filled_image_is_granted_at_the_place_of_the_placeholder() -> None:
    document = read(task("<IMAGE1_NAME>"), IMAGE1_NAME=f"{IMAGE}:1")

    pulls = [grant for grant in derived(document).grants if REPOSITORY in grant.resources]
    assert {pull.source for pull in pulls} == {"/containerDefinitions/0/image"}
    assert errors(document) == []


def test_a_document_with_values_derives_like_the_completed_document() -> None:
    with_placeholders = task(
        "${ACCOUNT}.dkr.ecr.{{ region }}.amazonaws.com/web:$TAG",
        secrets=[{"name": "A", "valueFrom": "arn:aws:ssm:REGION:ACCOUNT_ID:parameter/<stage>/a"}],
    )
    plain = task(f"{IMAGE}:1", secrets=[{"name": "A", "valueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/p/a"}])
    values = {"ACCOUNT": "111122223333", "region": "eu-west-1", "TAG": "1", "REGION": "eu-west-1"}

    filled = derived(read(with_placeholders, **values, ACCOUNT_ID="111122223333", stage="p"))

    assert filled == derived(read(plain))


def test_an_unknown_tag_or_digest_does_not_matter() -> None:
    for image in (f"{IMAGE}:${{TAG}}", f"{IMAGE}@{{{{ digest }}}}", f"{IMAGE}:TAG"):
        document = read(task(image))

        assert (errors(document), document.unfilled) == ([], ())
        assert any(REPOSITORY in grant.resources for grant in derived(document).grants)


def test_an_unknown_repository_account_or_region_is_an_error_and_never_docker_hub() -> None:
    for image in (
        "REPOSITORY_URI:TAG",
        "IMAGE_URI",
        "ACCOUNT_ID.dkr.ecr.REGION.amazonaws.com/web",
        "$R/web",
        "your-app",
    ):
        document = read(task(image))

        assert errors(document) == [("PLACEHOLDER", "/containerDefinitions/0/image")]
        assert [placeholder.source for placeholder in document.unfilled] == ["/containerDefinitions/0/image"]
        assert derived(document).grants == ()


def test_words_in_place_of_secrets_are_placeholders() -> None:
    secrets = [{"name": word, "valueFrom": word} for word in ("PLACEHOLDER", "YOUR_SECRET_ARN", "TODO")]

    document = read(task("redis", secrets=secrets))

    pointers = [f"/containerDefinitions/0/secrets/{index}/valueFrom" for index in range(3)]
    assert errors(document) == [("PLACEHOLDER", pointer) for pointer in pointers]
    assert [placeholder.source for placeholder in document.unfilled] == pointers


@pytest.mark.parametrize("word", ["PLACEHOLDER", "TODO", "YOUR_SECRET_ARN", "REPLACE_WITH_SECRET"])
def test_words_in_place_of_credentials_are_placeholders(word: str) -> None:
    document = read(task("registry.example.com/web", repositoryCredentials={"credentialsParameter": word}))

    assert errors(document) == [("PLACEHOLDER", "/containerDefinitions/0/repositoryCredentials/credentialsParameter")]


def test_the_image_of_a_container_is_replaced_by_its_name() -> None:
    data = {"containerDefinitions": [{"name": "web", "image": "<A>"}, {"name": "log", "image": "<B>"}]}

    document = parse_document(data, "web.json", Values(images={"web": f"{IMAGE}:1"}))

    assert [container["image"] for container in document.data["containerDefinitions"]] == [f"{IMAGE}:1", "<B>"]
    assert [placeholder.source for placeholder in document.unfilled] == ["/containerDefinitions/1/image"]


def test_a_field_without_effect_on_permissions_needs_no_value() -> None:
    data = {
        **task("redis", command=["${A}"], environment=[{"name": "A", "value": "${A}"}]),
        "family": "${A}",
        "taskRoleArn": "<A>",
    }

    assert read(data).unfilled == ()


def test_files_are_read_with_their_defaults_without_a_value(tmp_path: Path) -> None:
    file = tmp_path / "web.json"
    file.write_text(json.dumps(task(f"${{REPOSITORY:-{IMAGE}}}:1")))

    (document,) = read_documents([str(file)])

    assert document.data["containerDefinitions"][0]["image"] == f"{IMAGE}:1"


def test_data_without_values_is_read_unchanged() -> None:
    document = parse_document(task("${REPOSITORY:-redis}:1"), "plan.json")

    assert document.data["containerDefinitions"][0]["image"] == "${REPOSITORY:-redis}:1"
    assert errors(document) == [("PLACEHOLDER", "/containerDefinitions/0/image")]


def test_a_missing_image_is_filled_by_its_pointer_or_container() -> None:
    data = {"containerDefinitions": [{"name": "web"}]}
    pointer = "/containerDefinitions/0/image"

    assert [placeholder.source for placeholder in read(data).unfilled] == [pointer]
    for values in (Values({pointer: IMAGE}), Values({f"web.json#{pointer}": IMAGE}), Values(images={"web": IMAGE})):
        document = parse_document(data, "web.json", values)
        assert document.unfilled == ()
        assert any(REPOSITORY in grant.resources for grant in derived(document).grants)


UNREAD = {"dockerLabels": {"a": "${A}"}, "environment": [{"name": "B", "value": "${B}"}]}


def test_placeholders_in_fields_that_nothing_reads_do_not_matter() -> None:
    options = {"awslogs-group": "web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "w", "tag": "{{.Name}}"}
    log = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
    data = task(f"{IMAGE}:1", portMappings=[{"name": "${PORT}"}], **UNREAD, **log)

    assert read(data).is_plain
    for document in (read(data), read(data, OTHER="x")):
        assert document.unfilled == ()
        assert errors(document) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"secrets": [{"name": "A", "valueFrom": "${A}"}]},
        {"environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::web/<A>.env"}]},
        {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "{{ A }}"}}},
        {"credentialSpecs": ["credentialspec:$A"]},
        {"image": "A/web"},
        {"essential": "<A>"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_placeholder_in_a_field_that_is_read_is_never_taken_for_plain_text(fields: dict[str, Any]) -> None:
    document = read(task(**{"image": f"{IMAGE}:1", **fields}))

    assert not document.is_plain
    assert document.unfilled


def test_a_value_is_used_if_only_a_field_that_nothing_reads_has_its_placeholder() -> None:
    document = read(task(f"{IMAGE}:1", **UNREAD), B="b")

    assert document.used_values == {"B"}

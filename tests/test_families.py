"""Tests roles of many task definitions: for each family, or one pair for all."""

from __future__ import annotations

from typing import Any

from taskrole.arns import Context
from taskrole.families import Family, brief_files, derive_families
from taskrole.taskdef import Options, TaskDocument
from taskrole.taskdef.read import parse_document

CONTEXT = Context("aws", "eu-central-1", "123456789012")
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-5e6f-4a0b-8c1d-2e3f4a5b6c7d"


def document(file: str, family: str | None, repository: str = "web", **fields: Any) -> TaskDocument:
    image = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/{repository}:1"
    named = {"family": family} if family is not None else {}
    container = {"name": "app", "image": image, **fields}
    return parse_document({**named, "containerDefinitions": [container]}, file)


def families(*documents: TaskDocument, options: Options | None = None, per: Any = "family") -> list[Family]:
    return derive_families(documents, CONTEXT, options or Options(), per)


def repositories(family: Family) -> list[str]:
    grants = family.derivation.grants
    return [arn.partition(":repository/")[2] for grant in grants for arn in grant.resources if ":repository/" in arn]


def test_each_family_has_the_permissions_of_its_own_definition() -> None:
    grouped = families(document("b.json", "worker", "worker"), document("a.json", "web", "web"))

    assert [(family.name, family.files, repositories(family)) for family in grouped] == [
        ("web", ("a.json",), ["web"]),
        ("worker", ("b.json",), ["worker"]),
    ]


def test_all_definitions_together_are_a_single_group() -> None:
    (family,) = families(document("a.json", "web", "web"), document("b.json", "worker", "worker"), per="all")

    assert (family.files, repositories(family)) == (("a.json", "b.json"), ["web", "worker"])


def test_definitions_of_a_family_with_the_same_needs_share_roles() -> None:
    (family,) = families(document("a.json", "web"), document("b.json", "web"))

    assert (family.name, family.files) == ("web", ("a.json", "b.json"))
    assert {grant.file for grant in family.derivation.grants} == {"a.json", "b.json"}


def test_definitions_of_a_family_with_different_needs_have_different_names() -> None:
    grouped = families(document("/x/staging.json", "web", "staging"), document("/x/live.json", "web", "live"))

    assert [(family.name, repositories(family)) for family in grouped] == [
        ("web (live.json)", ["live"]),
        ("web (staging.json)", ["staging"]),
    ]


def test_definitions_without_a_family_are_named_after_their_files() -> None:
    nameless = [document("a/task.json", None, "web"), document("b/task.json", "${FAMILY}"), document("api.json", None)]

    assert [family.name for family in families(*nameless)] == ["api", "task (a/task.json)", "task (b/task.json)"]


def test_an_option_is_unused_only_if_no_family_uses_it() -> None:
    secret = [{"name": "A", "valueFrom": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"}]
    documents = [document("a.json", "web", secrets=secret), document("b.json", "worker")]
    options = Options(kms_keys={"db": KEY, "other": KEY})

    unused = [
        finding.source
        for family in families(*documents, options=options)
        for finding in family.derivation.findings
        if finding.code == "OPTION-UNUSED"
    ]

    assert set(unused) == {"options:/kms_keys/other"}


def test_findings_name_the_file_of_the_family() -> None:
    grouped = families(document("a.json", "web"), document("b.json", "worker"))

    assert [{finding.file for finding in family.located_findings} for family in grouped] == [{"a.json"}, {"b.json"}]


def test_files_are_named_by_their_distinguishing_parts() -> None:
    assert brief_files(["tasks/web/a.json", "tasks/b.json", ""]) == {
        "tasks/web/a.json": "web/a.json",
        "tasks/b.json": "b.json",
    }


def test_files_without_common_paths_keep_their_paths() -> None:
    mixed = ["/srv/tasks/a.json", "b.json"]

    assert brief_files(mixed) == {file: file for file in mixed}

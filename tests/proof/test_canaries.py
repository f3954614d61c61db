"""Tests that fields which the derivation does not read are never kept or written. `make prove`: 10,000."""

from __future__ import annotations

import json

import pytest

from taskrole.taskdef.reduced import reduced
from tests.amount import amount
from tests.proof.canaries import CANARY, violations, with_canaries
from tests.proof.generated import generate_case

CASES = amount(200)


@pytest.mark.hypothesis
def test_no_canary_remains_and_the_grants_are_the_same() -> None:
    assert violations(range(CASES)) == []


def test_the_fields_of_secrets_contain_canaries() -> None:
    text = json.dumps(with_canaries(generate_case(0).documents[0]))

    for field in ("command", "entryPoint", "healthCheck", "dockerLabels", "extraHosts", "systemControls", "tags"):
        assert f'"{field}": {{' in text or f'"{field}": [' in text
    assert text.count(CANARY) > 20


def test_a_field_whose_presence_matters_becomes_a_constant() -> None:
    log = {"logDriver": "awsfirelens", "options": {"@type": "token", "NEW_LOG_GROUP_TAGS": "token", "Name": "s3"}}
    variable = {"name": "aws_fluent_bit_init_file_1", "value": "token"}
    container = {"name": "web", "environment": [variable], "logConfiguration": log}

    (rest,) = reduced({"containerDefinitions": [container]})["containerDefinitions"]

    assert rest["logConfiguration"]["options"] == {"@type": "set", "NEW_LOG_GROUP_TAGS": "set", "Name": "s3"}
    assert rest["environment"] == [{"name": "aws_fluent_bit_init_file_1", "value": "set"}]


def test_a_value_of_a_wrong_type_keeps_only_its_type() -> None:
    container = {"name": {"token": "token"}, "image": ["token"], "secrets": "token", "environment": {"token": "token"}}

    rest = reduced({"family": ["token"], "containerDefinitions": [container], "volumes": "token"})

    empty = {"name": {}, "image": [], "secrets": "", "environment": {}}
    assert rest == {"family": [], "containerDefinitions": [empty], "volumes": ""}


def test_variables_that_no_feature_reads_are_left_out_with_their_names() -> None:
    container = {"name": "web", "environment": [{"name": "TOKEN_abc", "value": "token"}]}

    (rest,) = reduced({"containerDefinitions": [container]})["containerDefinitions"]

    assert rest["environment"] == []


def test_options_of_an_unread_log_driver_are_left_out() -> None:
    log = {"logDriver": "splunk", "options": {"splunk-token": "token", "host": "x", "region": "y"}}

    (rest,) = reduced({"containerDefinitions": [{"logConfiguration": log}]})["containerDefinitions"]

    assert rest["logConfiguration"]["options"] == {}

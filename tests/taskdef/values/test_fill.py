"""Tests filling placeholders: the rest of a document is unchanged."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.taskdef.values.values import Values, fill


def filled(data: Any, **by_name: str) -> Any:
    return fill(data, Values(by_name)).data


def test_placeholders_of_all_styles_are_filled_in_all_texts() -> None:
    data = {"a": ["${V}/x", {"b": "<V>:{{ must_env `W` }}"}], "c": 1, "d": None, "e": True}

    assert filled(data, V="v", W="w") == {"a": ["v/x", {"b": "v:w"}], "c": 1, "d": None, "e": True}


def test_placeholders_without_a_value_are_unchanged() -> None:
    assert filled({"a": "${V}-<W>-$(X)"}, W="w") == {"a": "${V}-w-$(X)"}


def test_keys_are_not_filled() -> None:
    assert filled({"${V}": "${V}"}, V="v") == {"${V}": "v"}


def test_a_default_in_the_document_applies_without_a_value() -> None:
    data = ["${V:-x}", "{{ env `V` `y` }}", "${V:-${W:-z}}"]

    assert filled(data) == ["x", "y", "z"]
    assert filled(data, W="w") == ["x", "y", "w"]
    assert filled(data, V="v") == ["v", "v", "v"]


def test_placeholders_in_a_value_are_not_filled() -> None:
    assert filled("${V}${W}", V="${W}", W="w") == "${W}w"


def test_an_upper_case_word_is_filled_only_in_an_image() -> None:
    data = {"image": "REPOSITORY_URI:TAG", "command": ["push REPOSITORY_URI"]}

    assert filled(data, REPOSITORY_URI="host/app") == {"image": "host/app:TAG", "command": ["push REPOSITORY_URI"]}


def test_a_pointer_names_a_single_text() -> None:
    data = {"secrets": [{"valueFrom": "TODO"}, {"valueFrom": "TODO"}]}

    assert filled(data, **{"/secrets/1/valueFrom": "x"}) == {"secrets": [{"valueFrom": "TODO"}, {"valueFrom": "x"}]}


def test_a_pointer_in_a_file_names_a_single_text_of_that_file() -> None:
    values = Values({"web.json#/a": "x"})

    assert fill({"a": "TODO"}, values, file="web.json").data == {"a": "x"}
    assert fill({"a": "TODO"}, values, file="api.json").data == {"a": "TODO"}


def test_pointers_are_those_of_the_users_own_document() -> None:
    values = Values({"/Resources/Web/Image": "x"})

    result = fill({"image": "TODO"}, values, own_pointer=lambda _: "/Resources/Web/Image")

    assert result.data == {"image": "x"}


def test_the_names_that_were_used_are_returned() -> None:
    assert fill("${A}${B:-b}", Values({"A": "a", "C": "c"})).used == {"A"}


def test_other_values_are_read_from_a_state() -> None:
    state = {"aws_x.y.arn": "arn", "V": "state"}.get

    assert fill("${V} {{ tfstate `aws_x.y.arn` }}", Values({"V": "given"}, state=state)).data == "given arn"


PLAIN = {"family": "web", "containerDefinitions": [{"name": "web", "command": ["a", "todo"], "cpu": 1}]}


@pytest.mark.parametrize(
    "image",
    ["aws_account_id.dkr.ecr.region.amazonaws.com/web", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/IMAGE:1", "<A>"],
)
def test_a_placeholder_that_only_images_have_is_left_among_plain_texts(image: str) -> None:
    filled = fill({**PLAIN, "more": [{"image": image}]}, Values())

    assert [text.pointer for text in filled.unfilled] == ["/more/0/image"]


def test_plain_data_is_returned_unchanged() -> None:
    assert fill(PLAIN, Values({"web": "x", "A": "y"})).data is PLAIN

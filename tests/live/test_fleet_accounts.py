"""Tests the selection of accounts and regions: lists, supported files, and errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.live.fleet.accounts import Target, parse_accounts
from taskrole.live.fleet.regions import parse_regions

SHOP, TEST = "111122223333", "012345678901"
FORMS = {
    "lines": f"# ours\n{SHOP} shop, the old one\n\n{TEST},test  # has a zero\n{SHOP}\n",
    "plain": f"{SHOP} shop, the old one\r\n{TEST} test",
    "aws organizations list-accounts": json.dumps(
        {
            "Accounts": [
                {"Id": SHOP, "Name": "shop, the old one", "Status": "ACTIVE"},
                {"Id": TEST, "Name": "test", "JoinedTimestamp": "2026-01-01T00:00:00Z"},
            ]
        }
    ),
    "c7n-org": f"""\
accounts:
- account_id: '{SHOP}'
  name: shop, the old one
  regions: [eu-west-1]
  role: arn:aws:iam::{SHOP}:role/CloudCustodian
  vars: {{}}
- account_id: {TEST}
  name: test
""",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_file_of_accounts_is_read_in_every_form(tmp_path: Path, form: str) -> None:
    (tmp_path / "accounts").write_text(form)

    targets = parse_accounts(str(tmp_path / "accounts"))

    assert targets == (Target(TEST, "test"), Target(SHOP, "shop, the old one"))


def test_account_ids_alone_are_a_list() -> None:
    assert parse_accounts(f" {SHOP}, {TEST},{SHOP} ") == (Target(TEST), Target(SHOP))


def test_a_list_in_json_needs_no_names(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text(json.dumps([SHOP, TEST]))

    assert parse_accounts(str(tmp_path / "accounts.json")) == (Target(TEST), Target(SHOP))


BAD = {
    "11112222333": "--accounts: must be an account id of 12 digits; got '11112222333'",
    "1, 2": "--accounts: must be an account id of 12 digits; got '1'",
    "nowhere.txt": "nowhere.txt: cannot be read: No such file or directory",
}


@pytest.mark.parametrize(("given", "message"), BAD.items())
def test_an_invalid_account_is_an_error_in_one_line(given: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_accounts(given)

    assert str(caught.value).splitlines()[0] == message


BAD_FILES = {
    f"{SHOP}\n11112222333\nshop\n": [":2:1: must be an account id of 12 digits", ":3:1: must be an account id"],
    "": [": has no accounts"],
    "# nothing\n": [": has no accounts"],
    "accounts:\n- name: shop\n": [":2:3: accounts[0]: must be an account id of 12 digits; got ''"],
    "accounts: 5\n": [": must be a list of accounts, or have one in the key accounts"],
    "- [1]\n": [":1:3: [0]: must be an account id"],
    "{": [""],
}


@pytest.mark.parametrize(("content", "messages"), BAD_FILES.items())
def test_all_errors_of_a_file_are_named_with_their_lines(tmp_path: Path, content: str, messages: list[str]) -> None:
    path = tmp_path / "accounts"
    path.write_text(content)

    with pytest.raises(InputError) as caught:
        parse_accounts(str(path))

    lines = str(caught.value).splitlines()
    assert len(lines) == len(messages)
    assert all(line.startswith(f"{path}{message}") for line, message in zip(lines, messages, strict=True)), lines


def test_regions_are_sorted_and_unique() -> None:
    assert parse_regions("eu-west-1, eu-central-1,eu-west-1") == ("eu-central-1", "eu-west-1")
    assert parse_regions("all-enabled") == ()


BAD_REGIONS = {
    "eu-wst-1": "got 'eu-wst-1'; did you mean eu-west-1",
    "": "got ''",
    "eu-west-1,": "got ''",
    "eu-west-1,cn-north-1": "--regions: must be in the same partition, as credentials are valid in one only",
}


@pytest.mark.parametrize(("given", "message"), BAD_REGIONS.items())
def test_a_malformed_region_is_an_error_in_one_line(given: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_regions(given)

    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1

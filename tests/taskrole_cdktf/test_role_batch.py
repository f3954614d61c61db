"""Tests batches of roles: the constructs of EcsRole, in a fixed number of requests to Node."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.synthesis import roles_yaml
from stacks.role_stack import OUTPUTS, RoleStack
from taskrole.config import StackSpec, load_config
from taskrole.config.load import parse_config
from taskrole.errors import TaskroleError
from taskrole.role import Role
from taskrole_cdktf import node_module
from taskrole_cdktf.declare import declare_role
from taskrole_cdktf.engine import (
    App,
    AwsProvider,
    CdktfError,
    IamPolicy,
    IamRole,
    IamRolePolicyAttachment,
    TerraformStack,
    Token,
    jsii,
)
from taskrole_cdktf.engine import Testing as Synthesis
from taskrole_cdktf.fast_start import SWITCH
from taskrole_cdktf.role_batch import SIZE, add_roles

ROOT = Path(__file__).parent.parent.parent
FILES = [ROOT / "roles.yaml", *sorted((ROOT / "tests/stacks/cases").glob("*.yaml"))]


def both_ways(monkeypatch: pytest.MonkeyPatch, work: Callable[[], str]) -> tuple[str, str]:
    """Return the result of work with batches, and with each construct created from Python."""
    assert node_module.is_loaded()
    batch = work()
    monkeypatch.setenv(SWITCH, "0")
    return batch, work()


def written(spec: StackSpec, folder: Path) -> str:
    """Return the text of a stack's cdk.tf.json."""
    app = App(outdir=str(folder))
    RoleStack(app, spec)
    app.synth()
    return (folder / f"stacks/{spec.name}/cdk.tf.json").read_text("utf-8")


def numbered(count: int) -> list[Role]:
    statements = [{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]
    return [
        declare_role(
            f"role-{number}", kind="task", region="eu-west-1", trust="off", statements=statements, exclusive=True
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_batch_writes_the_bytes_of_single_roles(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (spec,) = load_config(file).stacks

    batch, single = both_ways(monkeypatch, lambda: written(spec, tmp_path))

    assert batch == single


@pytest.mark.parametrize("case", ["adopt", "exclusive", "literal-text"])
def test_a_batch_writes_the_same_hcl(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (spec,) = load_config(ROOT / f"tests/stacks/cases/{case}.yaml").stacks

    batch, single = both_ways(
        monkeypatch, lambda: str(Synthesis.synth_hcl(RoleStack(App(outdir=str(tmp_path)), spec), True))
    )

    assert batch == single


def with_token(stack: RoleStack, other: TerraformStack) -> None:
    role_of(stack).permissions_boundary = IamPolicy(other, "boundary", policy="{}").arn


def with_override(stack: RoleStack, other: TerraformStack) -> None:
    role_of(stack).add_override("tags", {"${TfToken": "1e5", "number": 2.5, "nothing": None, "list": [[], {}, ["a"]]})


def with_override_of_the_stack(stack: RoleStack, other: TerraformStack) -> None:
    stack.add_override("resource.aws_iam_role.service-0.description", "of the stack")
    stack.add_override("output.service-0_arn.sensitive", value=True)


def with_number(stack: RoleStack, other: TerraformStack) -> None:
    seconds = Token.as_number("${var.seconds}")
    role_of(stack).max_session_duration = seconds
    role_of(stack).description = f"for {seconds!r} seconds, 1e+5, }} and ${{x}}"


def with_map(stack: RoleStack, other: TerraformStack) -> None:
    first, *others = elements_of(stack, IamRolePolicyAttachment)
    first.add_override("tags", {Token.as_string("${var.key}"): "value"})
    others[0].add_override("tags", Token.as_string_map("${var.tags}"))


def with_move(stack: RoleStack, other: TerraformStack) -> None:
    role_of(stack).move_from_id("aws_iam_role.old")


def elements_of(stack: RoleStack, kind: type) -> list[Any]:
    return [element for element in stack.node.find_all() if isinstance(element, kind)]


def role_of(stack: RoleStack) -> Any:
    return elements_of(stack, IamRole)[0]


@pytest.mark.parametrize(
    "change",
    [with_token, with_override, with_override_of_the_stack, with_number, with_map, with_move],
    ids=lambda change: change.__name__,
)
def test_changes_of_an_app_to_a_batch_are_written_like_those_to_single_roles(
    change: Callable[[RoleStack, TerraformStack], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spec,) = parse_config(roles_yaml(2).encode(), "roles.yaml").stacks

    def changed() -> str:
        app = App(outdir=str(tmp_path))
        other = TerraformStack(app, "other")
        AwsProvider(other, "aws", region="eu-west-1")
        stack = RoleStack(app, spec)
        change(stack, other)
        app.synth()
        return "".join(file.read_text("utf-8") for file in sorted(tmp_path.glob("stacks/*/cdk.tf.json")))

    batch, single = both_ways(monkeypatch, changed)

    assert batch == single


def requests(roles: int, monkeypatch: pytest.MonkeyPatch, folder: Path) -> int:
    """Return the number of requests to Node that adding roles to a stack takes."""
    stack = TerraformStack(App(outdir=str(folder)), "s")
    declared = numbered(roles)
    node, sent = jsii.kernel.provider._process, []

    def counted(*given: Any) -> Any:
        sent.append(given)
        return type(node).send(node, *given)

    with monkeypatch.context() as patch:
        patch.setattr(node, "send", counted)
        add_roles(stack, declared, OUTPUTS)
    return len(sent)


def test_a_batch_is_a_single_request_for_any_number_of_roles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests(1, monkeypatch, tmp_path)

    sizes = (1, SIZE, SIZE + 1, 3 * SIZE)

    assert [requests(size, monkeypatch, tmp_path) for size in sizes] == [1, 1, 2, 3]


def message(roles: list[Role], folder: Path) -> str:
    with pytest.raises((TaskroleError, *CdktfError)) as raised:
        add_roles(TerraformStack(App(outdir=str(folder)), "s"), roles, OUTPUTS)
    # jsii puts `Error: ` before the message of a constructor, and nothing before that of a method.
    return str(raised.value).partition("\n")[0].removeprefix("Error: ")


@pytest.mark.parametrize(
    ("key", "name", "expected"),
    [
        ("role-0", "another", "There is already a Construct with name 'role-0' in TerraformStack [s]"),
        ("another", "${TfToken[TOKEN.0]}", "text must not contain ${TfToken[, which CDKTF replaces; got "),
    ],
    ids=["a key twice", "a token of CDKTF's"],
)
def test_an_invalid_role_is_refused_with_the_same_message(
    key: str, name: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (role,) = numbered(1)
    other = Role(key=key, kind="task", trust=role.trust, name=name)

    batch, single = both_ways(monkeypatch, lambda: message([role, other], tmp_path))

    assert batch == single
    assert batch.startswith(expected)


def test_errors_of_cdktf_have_their_stack_trace_after_a_batch(tmp_path: Path) -> None:
    message(numbered(1) * 2, tmp_path)

    with pytest.raises(CdktfError) as raised:
        TerraformStack(App(outdir=str(tmp_path)), "not allowed")

    assert " at " in str(raised.value.__cause__)


@pytest.mark.parametrize("roles", [1, 2], ids=["accepted", "refused"])
def test_tokens_have_their_stack_trace_after_a_batch(roles: int, tmp_path: Path) -> None:
    stack = TerraformStack(App(outdir=str(tmp_path)), "s")
    with suppress(*CdktfError):
        add_roles(stack, numbered(1) * roles, OUTPUTS)

    assert Token.as_any("${var.later}").creation_stack


def test_if_jsii_refuses_the_module_roles_are_created_from_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spec,) = load_config(ROOT / "roles.yaml").stacks
    expected = written(spec, tmp_path)
    module = tmp_path / "module"
    module.mkdir()
    (module / "package.json").write_text('{"name": "refused", "version": "1.0.0", "main": "batch.js"}')
    (module / ".jsii").write_text(json.dumps({"schema": "jsii/99", "name": "refused", "usedFeatures": ["unheard-of"]}))
    monkeypatch.setattr(node_module, "FOLDER", module)
    node_module.is_loaded.cache_clear()

    try:
        assert written(spec, tmp_path) == expected
        assert not node_module.is_loaded()
    finally:
        node_module.is_loaded.cache_clear()


def test_a_text_that_cdktf_reserves_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (spec,) = load_config(ROOT / "roles.yaml").stacks
    reserved = replace(spec, roles=(replace(spec.roles[0], description="Any Map Token Value"),))

    def refused() -> str:
        with pytest.raises(CdktfError) as raised:
            written(reserved, tmp_path)
        return str(raised.value)

    batch, single = both_ways(monkeypatch, refused)

    assert "Found an encoded map token in a scalar string context" in batch
    assert "Found an encoded map token in a scalar string context" in single

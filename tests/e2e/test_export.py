"""Tests exported modules with the real terraform: valid, equal to the CDKTF stack, and taking over its state."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.handlers import json_decode_policies

from taskrole.config import load_config
from taskrole.export.exported_files import Format, Wishes, export_files
from taskrole.export.hcl import hcl
from taskrole.export.substitution import PARAMETERS
from taskrole.export.terms import Attribute, Block, Expression
from taskrole.export.terraform_json import terraform_json
from taskrole.local.record import ServerRecord
from tests.aws_client import client
from tests.e2e.console import clear
from tests.e2e.project import ROOT, Project, run

CASES = [
    ROOT / "roles.yaml",
    *sorted((ROOT / "tests/export/cases").glob("*.yaml")),
    *sorted((ROOT / "tests/stacks/cases").glob("*.yaml")),
]
TASK = ROOT / "tests/export/cases/tasks/web.json"

# Every setting of a role, with text that is special in a language.
ROLES = """\
    version: 1
    backend: BACKEND
    defaults: {account: "123456789012"}
    stacks:
      s:
        region: ap-southeast-1
        tags: {team: core, "for": "0012 + x@y"}
        roles:
          shop-execution:
            kind: execution
            path: "/${path}/%{x}/"
            description: "${var.region} %{ if true }, $${escaped} \\"quoted\\" \\\\ <b> & ü\\nEOF\\n# end\\t"
            max_session_duration: 7200
            permissions_boundary: arn:aws:iam::aws:policy/PowerUserAccess
            exclusive: true
            managed_policies: [service-role/AmazonECSTaskExecutionRolePolicy]
            task_definitions: [web.json]
            statements:
              - Sid: ReadHome
                Effect: Allow
                Action: [s3:GetObject, s3:GetObjectVersion]
                Resource: ["arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/${*}/<&>/*"]
                Condition:
                  StringLike: {"aws:PrincipalTag/team": ["${aws:PrincipalTag/team}", "%{x}", "EOF", "a\\"b", "/* ü */"]}
              - {Effect: Deny, NotAction: "s3:*", Resource: "*"}
          shopTask:
            kind: task
            policy_delivery: managed
            exclusive: true
            grants:
              - {actions: "s3:GetObject", resources: "arn:aws:s3:::pictures/*", because: "pictures are shown */ ${x}"}
            statements:
              - {Sid: Put, Effect: Allow, Action: s3:PutObject, Resource: "arn:aws:s3:::bucket/*"}
    """
WISHES = (
    pytest.param(("hcl", "--parameterise=secrets", "--parameterise=repositories", "--parameterise=logs"), id="all"),
    pytest.param(("hcl",), id="hcl", marks=pytest.mark.extra),
    pytest.param(("json",), id="json", marks=pytest.mark.extra),
)
FORMATS: tuple[Format, ...] = ("hcl", "json")
HCL_ALWAYS = ["hcl", pytest.param("json", marks=pytest.mark.extra)]
LOCAL = "{type: local}"
S3 = "{type: s3, bucket: taskrole-state, use_path_style: true, key: exported.tfstate}"


@pytest.fixture
def shop(project: Project) -> Project:
    task = TASK.read_text("utf-8").replace("111122223333", "123456789012").replace("eu-west-1", "ap-southeast-1")
    (project.folder / "web.json").write_text(task, "utf-8")
    (project.folder / "cdktf.json").write_text("{}")
    project.write(ROLES.replace("BACKEND", LOCAL))
    return project


def terraform(project: Project, folder: Path, *arguments: str, ok: tuple[int, ...] = (0,)) -> str:
    command = [project.terraform_program, f"-chdir={folder}", *arguments, "-no-color"]
    return run(command, project.folder, project.variables, ok).stdout


def planned(project: Project, folder: Path) -> dict[str, Any]:
    """Return the plan of a folder as data."""
    file = project.folder / "plan.bin"
    terraform(project, folder, "plan", f"-out={file}")
    command = [project.terraform_program, f"-chdir={folder}", "show", "-json", str(file)]
    return json.loads(run(command, project.folder, project.variables).stdout)


def live_roles(record: ServerRecord) -> dict[str, Any]:
    """Return the roles and policies of an account in IAM, documents as bytes, without ids and dates."""
    iam = client(record, "iam")
    iam.meta.events.unregister("after-call.iam", json_decode_policies)
    described: dict[str, Any] = {}
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        whole = iam.get_role(RoleName=name)["Role"]
        whole["Tags"] = _tag_map(whole.get("Tags", []))
        inline = {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        }
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        described[name] = {
            "role": {key: value for key, value in whole.items() if key not in ("RoleId", "CreateDate", "RoleLastUsed")},
            "inline": inline,
            "attached": sorted(policy["PolicyArn"] for policy in attached),
        }
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        arn = policy["Arn"]
        version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        tags = _tag_map(iam.list_policy_tags(PolicyArn=arn)["Tags"])
        described[arn] = {"document": version["Document"], "path": policy["Path"], "tags": tags}
    return described


def _tag_map(tags: list[dict[str, str]]) -> dict[str, str]:
    """Return tags without their order, which is random in the provider."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def call(folder: Path, arguments: str = "") -> None:
    """Write a root module that calls the module in `module` beside it."""
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(
        f'provider "aws" {{\n  region = "ap-southeast-1"\n}}\n\nmodule "s" {{\n  source = "../module"\n{arguments}}}\n'
    )


@pytest.mark.parametrize("wishes", WISHES)
def test_the_module_makes_the_same_roles_as_the_stack_byte_by_byte(
    shop: Project, embedded_aws: ServerRecord, iam: Any, wishes: tuple[str, ...]
) -> None:
    shop.deploy()
    stack = live_roles(embedded_aws)
    assert {"shop-execution", "shopTask"} <= set(stack)
    assert len(stack["shop-execution"]["inline"]) == 2
    description = stack["shop-execution"]["role"]["Description"]
    assert description == '${var.region} %{ if true }, $${escaped} "quoted" \\ <b> & ü\nEOF\n# end\t'
    document = json.loads(unquote(stack["shop-execution"]["inline"]["permissions"]))
    (condition,) = (
        statement["Condition"]["StringLike"] for statement in document["Statement"] if "Condition" in statement
    )
    assert condition == {"aws:PrincipalTag/team": ["${aws:PrincipalTag/team}", "%{x}", "/* ü */", "EOF", 'a"b']}
    clear(iam)
    assert live_roles(embedded_aws) == {}
    root = shop.folder / "root"
    shop.taskrole("export", "s", "--to", "module", "--format", *wishes)
    call(root)
    terraform(shop, root, "init")

    applied = terraform(shop, root, "apply", "-auto-approve")

    assert "Apply complete!" in applied
    assert live_roles(embedded_aws) == stack
    assert not _has_changes(shop, root)
    terraform(shop, root, "destroy", "-auto-approve")
    assert live_roles(embedded_aws) == {}


def _has_changes(project: Project, folder: Path) -> bool:
    command = [project.terraform_program, f"-chdir={folder}", "plan", "-no-color", "-detailed-exitcode"]
    return run(command, project.folder, project.variables, (0, 2)).returncode == 2


@pytest.mark.parametrize(
    ("backend", "format_"),
    [pytest.param(LOCAL, "hcl", id="local-hcl"), pytest.param(S3, "json", id="s3-json", marks=pytest.mark.extra)],
)
def test_the_root_module_takes_the_state_over_without_a_change(
    shop: Project, embedded_aws: ServerRecord, backend: str, format_: str
) -> None:
    shop.write(ROLES.replace("BACKEND", backend))
    shop.deploy()
    before = live_roles(embedded_aws)
    shop.taskrole("export", "s", "--to", "terraform/roles", "--root", "--from-state", "--format", format_)
    root = shop.folder / "terraform/roles"
    terraform(shop, root, "init")

    plan = planned(shop, root)

    moved = [change for change in plan["resource_changes"] if change.get("previous_address")]
    assert {change["change"]["actions"][0] for change in plan["resource_changes"]} == {"no-op"}
    assert {output_change["actions"][0] for output_change in plan["output_changes"].values()} == {"no-op"}
    assert len(moved) == len(plan["resource_changes"]) == 13
    assert all(change["address"] == f"module.s.{change['previous_address']}" for change in moved)
    assert "0 added, 0 changed, 0 destroyed" in terraform(shop, root, "apply", "-auto-approve")
    assert live_roles(embedded_aws) == before
    # Files of init and apply are no edits: the export can be updated, and keeps the state.
    shop.taskrole("export", "s", "--to", "terraform/roles", "--root", "--format", format_)
    terraform(shop, root, "init")
    assert not _has_changes(shop, root)


@pytest.mark.extra
def test_another_root_module_takes_the_state_over_with_the_moved_file(shop: Project) -> None:
    shop.deploy()
    shop.taskrole("export", "s", "--to", "module", "--from-state")
    call(shop.folder / "root")
    shutil.copy(shop.folder / "module/from-state/moved.tf", shop.folder / "root/moved.tf")
    shutil.copy(shop.folder / "terraform.s.tfstate", shop.folder / "root/terraform.tfstate")
    terraform(shop, shop.folder / "root", "init")

    plan = planned(shop, shop.folder / "root")

    assert {change["change"]["actions"][0] for change in plan["resource_changes"]} == {"no-op"}
    assert all(change.get("previous_address") for change in plan["resource_changes"])


ADOPTED = """\
    version: 1
    stacks:
      s:
        region: ap-southeast-1
        roles:
          clicked:
            kind: execution
            trust: off
            adopt: true
            managed_policies: [SecretsManagerReadWrite]
            inline_policies:
              by-hand: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:ListBucket", Resource: "*"}]}
    """


@pytest.mark.parametrize("format_", HCL_ALWAYS)
def test_the_root_module_imports_a_role_that_exists_without_a_change(project: Project, iam, format_: str) -> None:
    ecs = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="clicked", AssumeRolePolicyDocument=_document(ecs))
    iam.attach_role_policy(RoleName="clicked", PolicyArn="arn:aws:iam::aws:policy/SecretsManagerReadWrite")
    by_hand = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    iam.put_role_policy(RoleName="clicked", PolicyName="by-hand", PolicyDocument=_document(by_hand))
    project.write(ADOPTED)
    project.taskrole("export", "s", "--to", "terraform", "--root", "--format", format_)
    root = project.folder / "terraform"
    terraform(project, root, "init")

    applied = terraform(project, root, "apply", "-auto-approve")

    assert "Resources: 3 imported, 0 added, 0 changed, 0 destroyed" in applied
    assert not _has_changes(project, root)


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


GIVEN = """\
  shop_execution_name  = "staging-execution"
  shop_task_name       = "staging-task"
  account_id           = "999999999999"
  region               = "cn-north-1"
  partition            = "aws-cn"
  path                 = "/staging/"
  permissions_boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  tags                 = { team = "other", more = "yes" }
  secret_arns          = { "/shop/token" = "arn:aws:ssm:eu-west-1:111122223333:parameter/mine" }
"""


@pytest.mark.parametrize("format_", HCL_ALWAYS)
def test_inputs_of_a_caller_are_used_everywhere(shop: Project, format_: str) -> None:
    shop.taskrole("export", "s", "--to", "module", "--format", format_, "--parameterise", "secrets")
    call(shop.folder / "root", GIVEN)
    terraform(shop, shop.folder / "root", "init")

    plan = planned(shop, shop.folder / "root")

    after = {
        change["address"].removeprefix("module.s."): change["change"]["after"] for change in plan["resource_changes"]
    }
    execution, policy = after["aws_iam_role.shop-execution"], after["aws_iam_policy.shopTask_grants"]
    for role, name in ((execution, "staging-execution"), (after["aws_iam_role.shopTask"], "staging-task")):
        assert (role["name"], role["path"]) == (name, "/staging/")
        assert role["permissions_boundary"] == "arn:aws:iam::aws:policy/ReadOnlyAccess"
        assert role["tags"] == {"team": "other", "more": "yes", "for": "0012 + x@y"}
    assert (policy["name"], policy["path"]) == ("staging-task-grants", "/staging/")
    trust = json.loads(after["aws_iam_role.shopTask"]["assume_role_policy"])["Statement"][0]["Condition"]
    assert trust["StringEquals"] == {"aws:SourceAccount": "999999999999"}
    assert trust["ArnLike"] == {"aws:SourceArn": "arn:aws-cn:ecs:cn-north-1:999999999999:*"}
    grants = json.loads(after["aws_iam_role_policy.shop-execution_grants"]["policy"])["Statement"]
    resources = {grant["Sid"]: grant["Resource"] for grant in grants}
    assert resources["ReadParameters"] == "arn:aws:ssm:eu-west-1:111122223333:parameter/mine"
    attached = after["aws_iam_role_policy_attachment.shop-execution_AmazonECSTaskExecutionRolePolicy"]["policy_arn"]
    assert attached == "arn:aws-cn:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


REFUSED = {
    'shop_task_name = "a b"': "A role's name has 1 to 64 letters, digits and _+=,.@-.",
    'account_id = "1234"': "An account has 12 digits.",
    'region = "Ireland"': "A region is written as in eu-west-1.",
    'partition = "azure"': "A partition is one of aws, ",
    'path = "/a"': "A path is / or begins and ends with it",
    'permissions_boundary = "PowerUserAccess"': "A permissions boundary is the ARN of a managed policy.",
    'tags = { "aws:x" = "y" }': "A tag's key has up to 128 characters and does not begin with aws:",
    'secret_arns = { "/shop/tokn" = "arn:aws:ssm:eu-west-1:1:parameter/x" }': "Each key is one of local.secret_arns",
    'secret_arns = { "/shop/token" = "mine" }': "Each value is an ARN.",
}


@pytest.mark.parametrize("format_", FORMATS)
def test_inputs_of_a_caller_are_validated(shop: Project, format_: str) -> None:
    shop.taskrole("export", "s", "--to", "module", "--format", format_, "--parameterise", "secrets")
    root = shop.folder / "root"
    root.mkdir()
    calls = (f'module "m{index}" {{\n  source = "../module"\n  {given}\n}}\n' for index, given in enumerate(REFUSED))
    (root / "main.tf").write_text('provider "aws" {\n  region = "ap-southeast-1"\n}\n' + "".join(calls))
    terraform(shop, root, "init")

    command = [shop.terraform_program, f"-chdir={root}", "plan", "-no-color"]
    refused = run(command, shop.folder, shop.variables, (1,)).stderr

    # Terraform wraps its messages and draws a frame.
    output = " ".join(refused.replace("│", " ").split())
    assert {message for message in REFUSED.values() if message not in output} == set()
    assert output.count("Error: ") == len(REFUSED)


def test_every_module_is_formatted_and_valid(project: Project) -> None:
    calls = []
    for case in CASES:
        (spec,) = load_config(case).stacks
        if spec.provider.source != "hashicorp/aws":
            continue  # it is not on this machine
        for format_ in FORMATS:
            for wishes in (Wishes(format_), Wishes(format_, parameters=tuple(PARAMETERS))):
                name = f"m{len(calls)}"
                _write(project.folder / name, export_files(spec, wishes))
                calls.append(f'module "{name}" {{\n  source = "../{name}"\n}}\n')
    root = project.folder / "root"
    root.mkdir()
    (root / "main.tf").write_text("\n".join(calls))
    terraform(project, root, "init")

    unformatted = terraform(project, project.folder, "fmt", "-check", "-recursive", "-list=true")
    command = [project.terraform_program, f"-chdir={root}", "validate", "-json"]
    formatted = json.loads(run(command, project.folder, project.variables, (0, 1)).stdout)

    assert len(calls) == 4 * (len(CASES) - 1) > 80
    assert unformatted == ""
    assert formatted["diagnostics"] == []


@pytest.mark.extra
@pytest.mark.parametrize("format_", FORMATS)
def test_every_root_module_is_formatted_and_valid(project: Project, format_: str) -> None:
    for index, case in enumerate([ROOT / "roles.yaml", *sorted((ROOT / "tests/stacks/cases").glob("backend-*.yaml"))]):
        (spec,) = load_config(case).stacks
        root = project.folder / f"root{index}"
        _write(root, export_files(spec, Wishes(format_, root=True, from_state=True)))
        terraform(project, root, "init", "-backend=false")

        assert "Success!" in terraform(project, root, "validate"), case.stem

    assert terraform(project, project.folder, "fmt", "-check", "-recursive", "-list=true") == ""


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("write", "name"), [(hcl, "main.tf"), (terraform_json, "main.tf.json")])
def test_terraform_reads_any_text_as_written(project: Project, write, name: str) -> None:
    rolled = random.Random(5)
    parts = [
        "${",
        "%{",
        "$",
        "%",
        "{",
        "}",
        '"',
        "\\",
        "\n",
        "\r",
        "\t",
        "~}",
        "EOF",
        "<<",
        "#",
        "//",
        "é",
        "<&>",
        "\x7f",
        "a",
    ]
    texts = ["".join(rolled.choices(parts, k=rolled.randrange(12))) for _ in range(400)]
    value = {f"{text}{index}": [text, {"k": text}] for index, text in enumerate(texts)}
    blocks = [
        Block("locals", (), (Attribute("value", value),)),
        Block("output", ("value",), (Attribute("value", Expression("jsonencode(local.value)")),)),
    ]
    (project.folder / name).write_text(write(blocks), encoding="utf-8", newline="\n")
    terraform(project, project.folder, "init")
    terraform(project, project.folder, "apply", "-auto-approve")

    read = json.loads(json.loads(terraform(project, project.folder, "output", "-json"))["value"]["value"])

    assert read == value


def test_the_hcl_of_cdktf_lacks_only_bare_references(project: Project) -> None:
    # See docs/export.md: CDKTF quotes the references of replace_triggered_by.
    project.stack = "workshop"
    shutil.copy(ROOT / "roles.yaml", project.folder)
    project.variables["SYNTH_HCL_OUTPUT"] = "true"
    project.run_main()
    file = project.stack_folder / "cdk.tf"
    assert not file.with_name("cdk.tf.json").exists()

    refused = project.terraform("init", "-no-color", ok=(1,)).stderr
    file.write_text(re.sub(r'^"(aws_iam_role\.\w+\.unique_id)",$', r"\1,", file.read_text("utf-8"), flags=re.MULTILINE))
    project.terraform("init", "-no-color")

    assert refused.count("Error: ") == 1 + 4
    assert refused.count("Error: Invalid replace_triggered_by expression") == 4
    assert json.loads(project.terraform("validate", "-json").stdout)["diagnostics"] == []

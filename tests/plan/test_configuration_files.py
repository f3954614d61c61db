"""Tests values that are read from configuration files if a plan has only names of references."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskrole.plan.configuration_files import ConfigurationFiles
from taskrole.plan.model import Change

MAIN = """
locals {
  role = aws_iam_role.web.name
}
resource "aws_iam_role" "web" {
  name_prefix = "web"
  dynamic "inline_policy" {
    for_each = var.policies
    content { name = inline_policy.key }
  }
}
resource "aws_iam_role" "plain" {
  name = "plain"
}
resource "aws_iam_role_policy" "own" {
  role   = local.role
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Resource = ["${aws_s3_bucket.b.arn}/*", aws_s3_bucket.b.arn] }]
  })
}
resource "aws_iam_role_policy" "heredoc" {
  policy = <<-EOT
    {"Statement": [{"Effect": "Allow", "Resource": "${aws_s3_bucket.b.arn}"}]}
  EOT
}
resource "aws_iam_role_policy_attachment" "each" {
  for_each   = { "a.b" = aws_iam_policy.first.arn }
  policy_arn = each.value
  role       = "${lower(aws_iam_role.web.name)}"
}
output "role" { value = aws_iam_role.web.name }
module "inner" {
  source = "./inner"
  role   = aws_iam_role.web.id
}
"""
INNER = 'resource "aws_iam_role_policy" "p" {\n  role = var.role\n}\n'


@pytest.fixture
def files(tmp_path: Path, monkeypatch) -> ConfigurationFiles:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "main.tf").write_text(INNER)
    monkeypatch.chdir(tmp_path)
    return ConfigurationFiles(Path(), lambda _: ["./inner"])


def change(type_: str, name: str, module: str = "") -> Change:
    return Change(f"{type_}.{name}", type_, name, frozenset({"create"}), module)


def test_a_reference_is_a_template_of_itself(files) -> None:
    assert files.value(change("aws_iam_role_policy", "own"), "role") == "${local.role}"
    assert files.local("", "role") == "${aws_iam_role.web.name}"
    assert files.output("", "role") == "${aws_iam_role.web.name}"
    assert files.argument('module.inner["x"]', "role") == "${aws_iam_role.web.id}"
    assert files.value(change("aws_iam_role_policy", "p", "module.inner[0]"), "role") == "${var.role}"


def test_an_expression_is_not_the_reference_in_it(files) -> None:
    role = files.value(change("aws_iam_role_policy_attachment", "each"), "role")
    assert role == "${lower(aws_iam_role.web.name)}"


def test_the_object_of_jsonencode_is_json_with_templates(files) -> None:
    text = files.value(change("aws_iam_role_policy", "own"), "policy")
    [statement] = json.loads(text)["Statement"]
    assert statement["Resource"] == ["${aws_s3_bucket.b.arn}/*", "${aws_s3_bucket.b.arn}"]


def test_a_heredoc_is_its_text(files) -> None:
    text = files.value(change("aws_iam_role_policy", "heredoc"), "policy")
    assert json.loads(text)["Statement"] == [{"Effect": "Allow", "Resource": "${aws_s3_bucket.b.arn}"}]


def test_an_each_value_is_read_from_a_literal_for_each(files) -> None:
    attachment = change("aws_iam_role_policy_attachment", "each")
    assert files.value(attachment, "for_each", "a.b") == "${aws_iam_policy.first.arn}"
    assert files.value(attachment, "for_each", "other") is None


def test_dynamic_blocks_are_read(files) -> None:
    assert files.is_dynamic(change("aws_iam_role", "web"), "inline_policy") is True
    assert files.is_dynamic(change("aws_iam_role", "plain"), "inline_policy") is False
    assert files.is_dynamic(change("aws_iam_role", "elsewhere"), "inline_policy") is None


def test_the_json_syntax_is_read_too(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    role = {"name": "web", "dynamic": {"inline_policy": {"for_each": "${var.x}", "content": {}}}}
    data = {"resource": {"aws_iam_role": {"web": role}}, "locals": {"x": "${aws_iam_role.web.arn}"}}
    (tmp_path / "cdk.tf.json").write_text(json.dumps(data))
    files = ConfigurationFiles(Path(), lambda _: [])
    assert files.value(change("aws_iam_role", "web"), "name") == "web"
    assert files.is_dynamic(change("aws_iam_role", "web"), "inline_policy") is True
    assert files.local("", "x") == "${aws_iam_role.web.arn}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("more.tf", 'resource "aws_iam_role" "web" {}\n'),  # twice
        ("main_override.tf", 'resource "aws_iam_role" "web" {}\n'),
        ("broken.tf", 'resource "aws_iam_role" {{{\n'),
        ("latin.tf", "# \udcff"),
        ("deep.tf.json", "[" * 100_000),
    ],
)
def test_an_expression_that_is_not_read_with_certainty_is_unknown(files, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert files.value(change("aws_iam_role", "web"), "name_prefix") is None
    assert files.is_dynamic(change("aws_iam_role", "web"), "inline_policy") is None


def test_nothing_outside_of_the_working_folder_is_read(tmp_path: Path, monkeypatch) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir(), outside.mkdir()
    (outside / "main.tf").write_text(MAIN)
    (inside / "link.tf").symlink_to(outside / "main.tf")
    monkeypatch.chdir(inside)
    for folder in (outside, inside):
        assert ConfigurationFiles(folder, lambda _: []).is_dynamic(change("aws_iam_role", "web"), "x") is None


def test_installed_modules_are_read_from_the_folder_of_init(files, tmp_path: Path) -> None:
    (tmp_path / ".terraform/modules").mkdir(parents=True)
    (tmp_path / ".terraform/modules/registry").mkdir()
    (tmp_path / ".terraform/modules/registry/main.tf").write_text(INNER.replace("var.role", "var.other"))
    manifest = {"Modules": [{"Key": "", "Dir": "."}, {"Key": "inner", "Dir": ".terraform/modules/registry"}]}
    (tmp_path / ".terraform/modules/modules.json").write_text(json.dumps(manifest))
    assert files.value(change("aws_iam_role_policy", "p", "module.inner"), "role") == "${var.other}"

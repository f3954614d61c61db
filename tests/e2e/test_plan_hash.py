"""Tests the hash of real plans: equal if planned twice, and changed by every change of the apply."""

from __future__ import annotations

import io
import textwrap

import pytest

from taskrole.plan.reader import read_plan
from tests.e2e.project import Project, run

CONFIGURATION = """
    variable "unused" {
      default = 1
    }

    variable "action" {
      default = "sqs:SendMessage"
    }

    provider "aws" {
      region = "eu-central-1"
    }

    resource "aws_sqs_queue" "jobs" {
      name = "jobs"
    }

    data "aws_iam_policy_document" "own" {
      statement {
        actions   = [var.action]
        resources = [aws_sqs_queue.jobs.arn]
      }
    }

    module "role" {
      source   = "./role"
      for_each = toset(["web", "a.b]"])
      name     = trimsuffix(each.key, "]")
      policy   = data.aws_iam_policy_document.own.json
    }
"""
MODULE = """
    variable "name" {}
    variable "policy" {}

    resource "aws_iam_role" "this" {
      name               = var.name
      assume_role_policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Action    = "sts:AssumeRole"
          Principal = { Service = "ecs-tasks.amazonaws.com" }
        }]
      })
    }

    resource "aws_iam_role_policy" "own" {
      role   = aws_iam_role.this.id
      policy = var.policy
    }
"""


@pytest.mark.extra
def test_only_a_plan_with_another_effect_has_another_hash(project: Project) -> None:
    folder = project.folder
    (folder / "role").mkdir()
    (folder / "role" / "main.tf").write_text(textwrap.dedent(MODULE), encoding="utf-8")
    (folder / "main.tf").write_text(textwrap.dedent(CONFIGURATION), encoding="utf-8")

    def terraform(*arguments: str) -> str:
        return run([project.terraform_program, *arguments], folder, project.variables).stdout

    def hash_of(*arguments: str) -> str:
        terraform("plan", f"-out={folder / 'plan'}", *arguments)
        text = terraform("show", "-json", str(folder / "plan"))
        return read_plan(io.BytesIO(text.encode()), "plan.json").hash

    # given
    terraform("init", "-no-color")
    first = hash_of()

    # when: it is planned again, or with another unused value
    same = [hash_of(), hash_of("-var=unused=2"), hash_of("-parallelism=1", "-refresh=false")]

    # then: the hash is the same, and differs for another statement of the document that is read during the apply
    assert same == [first] * 3
    assert hash_of("-var=action=sqs:*") != first
    (folder / "main.tf").write_text(textwrap.dedent(CONFIGURATION).replace("eu-central-1", "eu-west-1"), "utf-8")
    assert hash_of() != first

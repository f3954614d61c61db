terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

variable "step" {
  default = 1
}

resource "aws_iam_policy" "boundary" {
  name = "boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.step == 1 ? ["s3:*"] : ["s3:*", "sns:*"], Resource = "*" }]
  })
}

resource "aws_iam_role" "bounded" {
  for_each             = toset(["kept", "removed"])
  name                 = each.key
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = each.key == "kept" || var.step == 1 ? aws_iam_policy.boundary.arn : null
}

resource "aws_iam_role" "added" {
  name                 = "added"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.step == 1 ? null : "arn:aws:iam::aws:policy/PowerUserAccess"
}

resource "aws_iam_role" "changed" {
  name                 = "changed"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = "arn:aws:iam::aws:policy/${var.step == 1 ? "ReadOnlyAccess" : "AdministratorAccess"}"
}

resource "aws_iam_role_policy_attachment" "all" {
  for_each   = merge(aws_iam_role.bounded, { added = aws_iam_role.added, changed = aws_iam_role.changed })
  role       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

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

resource "aws_sns_topic" "jobs" {
  name = "jobs"
}

locals {
  inline = {
    queue = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.jobs.arn }]
    })
    files = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = var.step == 1 ? "s3:GetObject" : "*", Resource = "*" }]
    })
  }
}

resource "aws_iam_role" "dynamic" {
  name               = "dynamic"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  dynamic "inline_policy" {
    for_each = local.inline
    content {
      name   = inline_policy.key
      policy = inline_policy.value
    }
  }
}

resource "aws_iam_policy" "own" {
  name   = "own"
  policy = local.inline["queue"]
}

resource "aws_iam_role" "managed" {
  name               = "managed"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  managed_policy_arns = var.step == 1 ? [
    aws_iam_policy.own.arn,
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
  ] : ["arn:aws:iam::aws:policy/PowerUserAccess"]

  inline_policy {
    name   = "static"
    policy = local.inline["files"]
  }
}

# Not a list of none: what other resources attach stays.
resource "aws_iam_role" "null" {
  name                = "null"
  assume_role_policy  = data.aws_iam_policy_document.trust.json
  managed_policy_arns = null
}

data "aws_iam_policy_document" "guard" {
  statement {
    effect    = "Deny"
    actions   = ["iam:*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "guard" {
  name   = "guard"
  policy = data.aws_iam_policy_document.guard.json
}

resource "aws_iam_role_policy_attachment" "guard" {
  count      = var.step == 1 ? 1 : 0
  role       = aws_iam_role.null.name
  policy_arn = aws_iam_policy.guard.arn
}

resource "aws_iam_role_policy_attachment" "null" {
  role       = aws_iam_role.null.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

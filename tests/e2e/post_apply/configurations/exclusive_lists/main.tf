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

resource "aws_iam_policy" "own" {
  name = "own"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}

resource "aws_iam_role" "listed" {
  name               = "listed"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachments_exclusive" "listed" {
  role_name = aws_iam_role.listed.name
  policy_arns = concat(
    [aws_iam_policy.own.arn],
    var.step == 1 ? ["arn:aws:iam::aws:policy/AdministratorAccess"] : [],
  )
}

resource "aws_iam_role" "emptied" {
  name_prefix        = "emptied-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "first" {
  name = "first"
  role = aws_iam_role.emptied.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "emptied" {
  count      = var.step == 1 ? 1 : 0
  role       = aws_iam_role.emptied.name
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_iam_role_policies_exclusive" "emptied" {
  role_name    = aws_iam_role.emptied.name
  policy_names = [aws_iam_role_policy.first.name]
}

resource "aws_iam_role_policy_attachments_exclusive" "emptied" {
  count       = var.step == 1 ? 0 : 1
  role_name   = aws_iam_role.emptied.name
  policy_arns = []
}

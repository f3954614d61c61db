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

resource "aws_iam_role" "known" {
  name               = "known"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role" "generated" {
  count              = 2
  name_prefix        = "generated-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role" "third" {
  name               = "third"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_policy" "shared" {
  name = "shared"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.step == 1 ? "sns:Publish" : "sns:*", Resource = "*" }]
  })
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "shared"
  policy_arn = aws_iam_policy.shared.arn
  roles = concat(
    [aws_iam_role.known.name],
    var.step == 1 ? aws_iam_role.generated[*].name : [aws_iam_role.generated[1].name, aws_iam_role.third.name],
  )
}

resource "aws_iam_policy_attachment" "administrators" {
  name       = "administrators"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
  roles      = [for role in aws_iam_role.generated : role.name]
}

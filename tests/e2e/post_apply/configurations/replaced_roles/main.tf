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

locals {
  path = var.step == 1 ? "/apps/" : "/services/"
}

# The attachment goes by a name that stays the same: the new role does not get it.
resource "aws_iam_role" "same_name" {
  name               = "same-name"
  path               = local.path
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "same_name" {
  role       = aws_iam_role.same_name.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "same_name" {
  name = "read"
  role = aws_iam_role.same_name.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}

resource "aws_iam_role" "generated" {
  name_prefix        = "generated-"
  path               = local.path
  assume_role_policy = data.aws_iam_policy_document.trust.json
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy_attachment" "generated" {
  role       = aws_iam_role.generated.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "triggered" {
  role       = aws_iam_role.same_name.name
  policy_arn = aws_iam_policy.triggered.arn
  lifecycle {
    replace_triggered_by = [aws_iam_role.same_name]
  }
}

resource "aws_iam_policy" "triggered" {
  name = "triggered"
  path = local.path
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.step == 1 ? "sns:Publish" : "sns:*", Resource = "*" }]
  })
}

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

resource "aws_iam_role" "pair" {
  count              = 2
  name_prefix        = "pair-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_policy" "pair" {
  count = 2
  name  = "pair-${count.index}"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = count.index == 0 ? "s3:GetObject" : "iam:*", Resource = "*" }]
  })
}

# The first role gets the second policy.
resource "aws_iam_role_policy_attachment" "crossed" {
  count      = 2
  role       = aws_iam_role.pair[1 - count.index].name
  policy_arn = aws_iam_policy.pair[count.index].arn
}

resource "aws_iam_role_policy" "splat" {
  count = 2
  name  = "splat"
  role  = (aws_iam_role.pair[*].id)[1 - count.index]
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = count.index == 0 ? "sns:Publish" : "sns:*", Resource = "*" }]
  })
}

locals {
  readers = { "a.b" = 0, "c\"]" = 1 }
}

resource "aws_iam_role" "keyed" {
  for_each           = local.readers
  name               = "keyed-${each.value}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "keyed" {
  for_each   = local.readers
  role       = aws_iam_role.keyed[each.key == "a.b" ? "c\"]" : "a.b"].name
  policy_arn = var.step == 1 ? aws_iam_policy.pair[each.value].arn : aws_iam_policy.pair[1 - each.value].arn
}

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

locals {
  admin_role  = aws_iam_role.through_local.name
  output_role = module.role.name
}

resource "aws_iam_role" "through_local" {
  name_prefix        = "through-local-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "through_local" {
  role       = local.admin_role
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_role_policy" "through_local" {
  name = "keys"
  role = local.admin_role
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }]
  })
}

module "role" {
  source = "./role"
}

resource "aws_iam_role_policy_attachment" "through_output" {
  role       = local.output_role
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

module "attach" {
  source = "./attach"
  policies = {
    read  = { role = aws_iam_role.through_map.name, policy = "arn:aws:iam::aws:policy/ReadOnlyAccess" }
    power = { role = module.role.name, policy = "arn:aws:iam::aws:policy/AmazonS3FullAccess" }
  }
}

resource "aws_iam_role" "through_map" {
  name_prefix        = "through-map-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role" "each" {
  for_each           = toset(["blue", "green"])
  name_prefix        = "${each.key}-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "each" {
  for_each   = aws_iam_role.each
  role       = each.value.name
  policy_arn = each.key == "blue" ? "arn:aws:iam::aws:policy/IAMFullAccess" : "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
}

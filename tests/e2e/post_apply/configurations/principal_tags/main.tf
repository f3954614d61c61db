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

resource "aws_iam_role" "team" {
  name               = "team"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags = {
    team  = var.step == 1 ? "shop" : "admin"
    owner = "somebody"
  }
}

# The document does not change; what it allows does.
resource "aws_iam_role_policy" "team" {
  name = "own-files"
  role = aws_iam_role.team.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::files/$${aws:PrincipalTag/team}/*"
      },
      {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalTag/team" = "admin" } }
      },
    ]
  })
}

resource "aws_iam_role" "unasked" {
  name               = "unasked"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags = {
    cost = var.step
  }
}

resource "aws_iam_role_policy_attachment" "unasked" {
  role       = aws_iam_role.unasked.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

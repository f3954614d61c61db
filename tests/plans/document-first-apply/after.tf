terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_iam_role" "worker" {
  name = "worker"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "prod/db"
  recovery_window_in_days = 0
}

data "aws_iam_policy_document" "own" {
  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.db.arn]
  }
  statement {
    sid       = "SendMessages"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-central-1:123456789012:jobs"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
}

resource "aws_iam_policy" "own" {
  name   = "worker-own"
  policy = data.aws_iam_policy_document.own.json
}

resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.worker.name
  policy_arn = aws_iam_policy.own.arn
}

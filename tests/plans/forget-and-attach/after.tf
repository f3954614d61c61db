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

resource "aws_iam_role" "web" {
  name = "web"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role" "batch" {
  name_prefix        = "batch-"
  path               = "/team/"
  assume_role_policy = aws_iam_role.web.assume_role_policy
  lifecycle {
    create_before_destroy = true
  }
}

removed {
  from = aws_iam_role_policy.gone
  lifecycle {
    destroy = false
  }
}

resource "aws_iam_policy" "jobs" {
  name = "jobs"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sqs:ReceiveMessage"
      Resource = "arn:aws:sqs:eu-central-1:123456789012:jobs"
    }]
  })
}

resource "aws_iam_policy_attachment" "jobs" {
  name       = "jobs"
  policy_arn = aws_iam_policy.jobs.arn
  roles      = [aws_iam_role.web.name, aws_iam_role.batch.name]
}

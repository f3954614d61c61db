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

# The service is gone, and its execution role with it.
resource "aws_iam_role" "task" {
  name               = "shop-task"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

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

resource "aws_sns_topic" "news" {
  name = "news"
}

# Whether there is a block is known only once the topic is: the plan of a new role says nothing of it.
resource "aws_iam_role" "perhaps" {
  name               = "perhaps"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  dynamic "inline_policy" {
    for_each = aws_sns_topic.news.arn == "" ? [] : ["everything"]
    content {
      name = inline_policy.value
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
      })
    }
  }
}

resource "aws_iam_role" "beside" {
  name               = "beside"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  inline_policy {
    name = "static"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
    })
  }

  dynamic "inline_policy" {
    for_each = aws_sns_topic.news.arn == "" ? [] : ["everything"]
    content {
      name = inline_policy.value
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
      })
    }
  }
}

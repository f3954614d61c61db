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

resource "aws_sns_topic" "news" {
  name = "news"
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Publish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.news.arn]
  }

  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::news/*"]
  }
}

data "aws_iam_policy_document" "override" {
  statement {
    sid       = "Read"
    actions   = var.step == 1 ? ["s3:GetObject", "s3:ListBucket"] : ["s3:*"]
    resources = ["*"]
  }
}

# Sources first, then its own statements, then what overrides them.
data "aws_iam_policy_document" "composed" {
  source_policy_documents   = [data.aws_iam_policy_document.base.json]
  override_policy_documents = [data.aws_iam_policy_document.override.json]

  statement {
    sid       = "Logs"
    actions   = ["logs:PutLogEvents"]
    resources = ["*"]
  }
}

# Values of conditions of one test and key become one list, and so do principals of one type. Read during the apply.
data "aws_iam_policy_document" "regions" {
  depends_on = [aws_sns_topic.news]

  statement {
    effect    = "Deny"
    actions   = ["sns:*"]
    resources = ["*"]

    condition {
      test     = "StringNotEquals"
      variable = "aws:RequestedRegion"
      values   = ["eu-west-1"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:RequestedRegion"
      values   = var.step == 1 ? ["eu-central-1"] : ["eu-central-1", "us-east-1"]
    }
  }

  dynamic "statement" {
    for_each = { get = "s3:GetObject", list = "s3:ListBucket" }
    content {
      sid       = statement.key
      actions   = [statement.value]
      resources = ["arn:aws:s3:::news/&{aws:username}", "arn:aws:s3:::news"]
    }
  }
}

data "aws_iam_policy_document" "topics" {
  dynamic "statement" {
    for_each = { get = "sns:GetTopicAttributes", publish = "sns:Publish" }
    content {
      sid       = statement.key
      actions   = [statement.value]
      resources = [aws_sns_topic.news.arn, "${aws_sns_topic.news.arn}:*"]
    }
  }
}

# How many conditions there are is known only once the topic is.
data "aws_iam_policy_document" "perhaps" {
  statement {
    effect    = "Deny"
    actions   = ["s3:DeleteObject"]
    resources = ["*"]

    dynamic "condition" {
      for_each = aws_sns_topic.news.arn == "" ? [] : ["s3:x-amz-acl"]
      content {
        test     = "StringEquals"
        variable = condition.value
        values   = ["private"]
      }
    }
  }

  dynamic "statement" {
    for_each = aws_sns_topic.news.arn == "" ? [] : ["sns:Subscribe"]
    content {
      actions   = [statement.value]
      resources = ["*"]
    }
  }
}

data "aws_iam_policy_document" "callers" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.composed.arn]
    }
  }
}

data "aws_iam_policy_document" "accounts" {
  depends_on = [aws_sns_topic.news]

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:root"]
    }
  }
}

resource "aws_iam_role" "composed" {
  name               = "composed"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role" "called" {
  name               = "called"
  assume_role_policy = data.aws_iam_policy_document.callers.json
}

resource "aws_iam_role_policy" "composed" {
  name   = "composed"
  role   = aws_iam_role.composed.name
  policy = data.aws_iam_policy_document.composed.json
}

resource "aws_iam_role_policy" "regions" {
  name   = "regions"
  role   = aws_iam_role.composed.name
  policy = data.aws_iam_policy_document.regions.json
}

resource "aws_iam_role_policy" "perhaps" {
  name   = "perhaps"
  role   = aws_iam_role.called.name
  policy = data.aws_iam_policy_document.perhaps.json
}

resource "aws_iam_role" "accounts" {
  name               = "accounts"
  assume_role_policy = data.aws_iam_policy_document.accounts.json
}

resource "aws_iam_role_policy" "topics" {
  name   = "topics"
  role   = aws_iam_role.accounts.name
  policy = data.aws_iam_policy_document.topics.json
}

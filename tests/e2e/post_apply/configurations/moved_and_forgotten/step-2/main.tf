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

module "role" {
  source = "./role"
  trust  = data.aws_iam_policy_document.trust.json
}

moved {
  from = aws_iam_role.old
  to   = module.role.aws_iam_role.this
}

moved {
  from = aws_iam_role_policy.old
  to   = module.role.aws_iam_role_policy.this["rea\"d"]
}

removed {
  from = aws_iam_role_policy_attachment.forgotten
  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_iam_role.forgotten
  lifecycle {
    destroy = false
  }
}

# The role stays, and keeps what is no longer looked after; this attachment goes.
removed {
  from = aws_iam_role_policy_attachment.of_forgotten
  lifecycle {
    destroy = true
  }
}

removed {
  from = aws_iam_role.handed_over
  lifecycle {
    destroy = false
  }
}

# A role of somebody else by now.
resource "aws_iam_role_policy_attachment" "elsewhere" {
  role       = "handed-over"
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

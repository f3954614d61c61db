terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "policies" {
  type = map(object({ role = string, policy = string }))
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = var.policies
  role       = each.value.role
  policy_arn = each.value.policy
}

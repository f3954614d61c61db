terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "trust" {
  type = string
}

resource "aws_iam_role" "this" {
  name               = "moved"
  description        = "In a module now"
  assume_role_policy = var.trust
}

resource "aws_iam_role_policy" "this" {
  for_each = { "rea\"d" = ["s3:GetObject", "s3:PutObject"] }
  name     = "read"
  role     = aws_iam_role.this.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = each.value, Resource = "*" }]
  })
}

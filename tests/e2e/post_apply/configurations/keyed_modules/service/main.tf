terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "actions" {
  type = list(string)
}

resource "aws_iam_role" "this" {
  name_prefix = "${var.name}-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_policy" "this" {
  name = var.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.actions, Resource = "arn:aws:s3:::shop/*" }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = toset(["the \"own\" one", "x.y[0]"])
  role       = aws_iam_role.this.name
  policy_arn = each.key == "x.y[0]" ? "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess" : aws_iam_policy.this.arn
}

output "role_name" {
  value = aws_iam_role.this.name
}

output "policy_arn" {
  value = aws_iam_policy.this.arn
}

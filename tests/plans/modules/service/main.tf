variable "name" {
  type = string
}

variable "buckets" {
  type = list(string)
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_policy" "bucket" {
  count = length(var.buckets)
  name  = "${var.name}-${var.buckets[count.index]}"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::${var.buckets[count.index]}/*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "bucket" {
  count      = length(var.buckets)
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.bucket[count.index].arn
}

# __odd_key__052bf1, the task role, is what the containers may do.
resource "aws_iam_role" "__odd_key__052bf1" {
  name_prefix          = var.odd_key_name_prefix
  path                 = coalesce(var.path, "/other/")
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ecs-tasks.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          ArnLike = {
            "aws:SourceArn" = "arn:${var.partition}:ecs:${var.region}:${var.account_id}:*"
          }
          StringEquals = {
            "aws:SourceAccount" = var.account_id
          }
        }
      },
    ]
  })

  tags = var.tags
}

# web, the task role, is what the containers may do.
resource "aws_iam_role" "web" {
  name                 = var.web_name
  path                 = coalesce(var.path, "/$${path}/%%{x}/")
  description          = "$${var.region} %%{ if true }, $$${escaped} 5 $ \"quoted\" \\ | `code`\nEOF\n# not a comment\tend"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ecs-tasks.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          ArnLike = {
            "aws:SourceArn" = "arn:${var.partition}:ecs:${var.region}:${var.account_id}:*"
          }
          StringEquals = {
            "aws:SourceAccount" = var.account_id
          }
        }
      },
    ]
  })

  tags = merge({
    "a:b" = "c"
    "for" = "a = b"
    "é"   = "ü"
  }, var.tags)
}

resource "aws_iam_role_policy" "web_permissions" {
  name = "permissions"
  role = aws_iam_role.web.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # declared in roles.yaml
      {
        Sid    = "ReadHome"
        Effect = "Allow"
        Action = "s3:GetObject"
        Resource = [
          "arn:${var.partition}:s3:::home/$${*}\"\\/*",
          "arn:${var.partition}:s3:::home/$${aws:username}/*",
        ]
        Condition = {
          StringLike = {
            "aws:PrincipalTag/$${team}" = [
              "$${aws:PrincipalTag/team}",
              "%%{x}",
              "/* <b> */ */",
              "EOF",
            ]
          }
        }
      },
      # declared in roles.yaml
      {
        Sid       = "Rest"
        Effect    = "Deny"
        NotAction = "s3:*"
        Resource  = "*"
      },
    ]
  })

  lifecycle {
    replace_triggered_by = [aws_iam_role.web.unique_id]
  }
}

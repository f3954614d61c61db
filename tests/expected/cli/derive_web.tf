# The execution role of shop-web, derived by taskrole from examples/service/task-definitions/web.json.
resource "aws_iam_role" "shop-web-execution" {
  name = "shop-web-execution"

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
          StringEquals = {
            "aws:SourceAccount" = "123456789012"
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "shop-web-execution_grants" {
  name = "grants"
  role = aws_iam_role.shop-web-execution.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # container 'proxy' pulls from ECR, and logs in first
      # container 'web' pulls from ECR, and logs in first
      {
        Sid      = "GetRegistryToken"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      # container 'web' starts with this environment file; its bucket's region is looked up
      {
        Sid      = "LocateBuckets"
        Effect   = "Allow"
        Action   = "s3:GetBucketLocation"
        Resource = "arn:aws:s3:::shop-settings"
      },
      # container 'proxy' pulls platform/proxy from account 210987654321
      # container 'web' pulls shop/web
      {
        Sid    = "PullImages"
        Effect = "Allow"
        Action = [
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = [
          "arn:aws:ecr:eu-central-1:123456789012:repository/shop/web",
          "arn:aws:ecr:eu-central-1:210987654321:repository/platform/proxy",
        ]
      },
      # container 'web' starts with this environment file
      {
        Sid      = "ReadEnvironmentFiles"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::shop-settings/web/production.env"
      },
      # container 'web' gets it as SESSION_KEY
      {
        Sid      = "ReadParameters"
        Effect   = "Allow"
        Action   = "ssm:GetParameters"
        Resource = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/web/session-key"
      },
      # container 'web' gets it as DATABASE_PASSWORD
      # container 'web' gets it as DATABASE_USER
      {
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/database-Xq3vLm"
      },
      # container 'proxy' logs to its own streams of /shop/web
      # container 'web' logs to its own streams of /shop/web
      {
        Sid    = "WriteLogs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogStream",
          "logs:PutLogEvents",
        ]
        Resource = [
          "arn:aws:logs:eu-central-1:123456789012:log-group:/shop/web:log-stream:web/proxy/*",
          "arn:aws:logs:eu-central-1:123456789012:log-group:/shop/web:log-stream:web/web/*",
        ]
      },
    ]
  })

  lifecycle {
    replace_triggered_by = [aws_iam_role.shop-web-execution.unique_id]
  }
}

# The task role of shop-web, derived by taskrole from examples/service/task-definitions/web.json.
resource "aws_iam_role" "shop-web-task" {
  name = "shop-web-task"

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
            "aws:SourceArn" = "arn:aws:ecs:eu-central-1:123456789012:*"
          }
          StringEquals = {
            "aws:SourceAccount" = "123456789012"
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "shop-web-task_grants" {
  name = "grants"
  role = aws_iam_role.shop-web-task.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # mounted to read and write by container 'web'
      {
        Sid    = "MountFileSystems"
        Effect = "Allow"
        Action = [
          "elasticfilesystem:ClientMount",
          "elasticfilesystem:ClientWrite",
        ]
        Resource = "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-0123456789abcdef0"
        Condition = {
          StringEquals = {
            "elasticfilesystem:AccessPointArn" = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-0123456789abcdef0"
          }
        }
      },
    ]
  })

  lifecycle {
    replace_triggered_by = [aws_iam_role.shop-web-task.unique_id]
  }
}

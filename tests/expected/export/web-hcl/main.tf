locals {
  secret_arns = merge({
    "/shop/token"    = "arn:${var.partition}:ssm:${var.region}:${var.account_id}:parameter/shop/token"
    "shop/db-AbCdEf" = "arn:${var.partition}:secretsmanager:${var.region}:${var.account_id}:secret:shop/db-AbCdEf"
  }, var.secret_arns)

  repository_arns = merge({
    "shop/web"    = "arn:${var.partition}:ecr:${var.region}:${var.account_id}:repository/shop/web"
    "tools/agent" = "arn:${var.partition}:ecr:us-east-1:444455556666:repository/tools/agent"
  }, var.repository_arns)

  log_group_arns = merge({
    "/shop/web" = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:/shop/web"
  }, var.log_group_arns)
}

# web-task, the task role, is what the containers may do.
resource "aws_iam_role" "web-task" {
  name_prefix          = var.web_task_name_prefix
  path                 = coalesce(var.path, "/shop/")
  permissions_boundary = coalesce(var.permissions_boundary, "arn:${var.partition}:iam::${var.account_id}:policy/bounds/tasks")

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
    team = "shop"
  }, var.tags)
}

resource "aws_iam_policy" "web-task_grants" {
  name = "${var.web_task_name_prefix}grants"
  path = aws_iam_role.web-task.path

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # pictures are shown
      {
        Sid      = "ReadObjects"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:${var.partition}:s3:::pictures/*"
      },
    ]
  })

  tags = aws_iam_role.web-task.tags
}

resource "aws_iam_role_policy_attachment" "web-task_grants" {
  role       = aws_iam_role.web-task.name
  policy_arn = aws_iam_policy.web-task_grants.arn

  lifecycle {
    replace_triggered_by = [aws_iam_role.web-task.unique_id]
  }
}

resource "aws_iam_role_policy_attachment" "web-task_AWSXRayDaemonWriteAccess" {
  role       = aws_iam_role.web-task.name
  policy_arn = "arn:${var.partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"

  lifecycle {
    replace_triggered_by = [aws_iam_role.web-task.unique_id]
  }
}

resource "aws_iam_role_policies_exclusive" "web-task" {
  role_name    = aws_iam_role.web-task.name
  policy_names = []

  lifecycle {
    replace_triggered_by = [aws_iam_role.web-task.unique_id]
  }
}

resource "aws_iam_role_policy_attachments_exclusive" "web-task" {
  role_name = aws_iam_role.web-task.name

  policy_arns = [
    aws_iam_role_policy_attachment.web-task_grants.policy_arn,
    aws_iam_role_policy_attachment.web-task_AWSXRayDaemonWriteAccess.policy_arn,
  ]

  lifecycle {
    replace_triggered_by = [aws_iam_role.web-task.unique_id]
  }
}

# webExecution, the execution role, prepares tasks: ECS itself uses it.
resource "aws_iam_role" "webExecution" {
  name                 = var.web_execution_name
  path                 = coalesce(var.path, "/")
  description          = "Prepares the web servers."
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
          StringEquals = {
            "aws:SourceAccount" = var.account_id
          }
        }
      },
    ]
  })

  tags = merge({
    team = "shop"
  }, var.tags)
}

resource "aws_iam_role_policy" "webExecution_grants" {
  name = "grants"
  role = aws_iam_role.webExecution.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # secret shop/db-AbCdEf is encrypted under this key
      {
        Sid      = "DecryptSecrets"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:${var.partition}:kms:${var.region}:${var.account_id}:key/11111111-2222-4333-8444-555555555555"
        Condition = {
          StringEquals = {
            "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com"
          }
        }
      },
      # container 'agent' pulls from ECR, and logs in first
      # container 'app' pulls from ECR, and logs in first
      {
        Sid      = "GetRegistryToken"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      # container 'agent' pulls tools/agent from account 444455556666 in us-east-1
      # container 'app' pulls shop/web
      {
        Sid    = "PullImages"
        Effect = "Allow"
        Action = [
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = [
          local.repository_arns["shop/web"],
          local.repository_arns["tools/agent"],
        ]
      },
      # container 'app' gets it as TOKEN
      {
        Sid      = "ReadParameters"
        Effect   = "Allow"
        Action   = "ssm:GetParameters"
        Resource = local.secret_arns["/shop/token"]
      },
      # container 'app' gets it as PASSWORD
      {
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = local.secret_arns["shop/db-AbCdEf"]
      },
      # container 'app' logs to its own streams of /shop/web
      {
        Sid    = "WriteLogs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogStream",
          "logs:PutLogEvents",
        ]
        Resource = "${local.log_group_arns["/shop/web"]}:log-stream:web/app/*"
      },
    ]
  })

  lifecycle {
    replace_triggered_by = [aws_iam_role.webExecution.unique_id]
  }
}

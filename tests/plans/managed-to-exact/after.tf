terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_iam_role" "web" {
  name = "web"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_ecs_task_definition" "web" {
  family                   = "web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = aws_iam_role.web.arn
  task_role_arn            = aws_iam_role.web.arn
  container_definitions = jsonencode([{
    name        = "web"
    image       = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1"
    essential   = true
    mountPoints = [{ sourceVolume = "data", containerPath = "/data", readOnly = true }]
    secrets     = [{ name = "DB", valueFrom = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-a1b2c3" }]
  }])
  volume {
    name = "data"
    efs_volume_configuration {
      file_system_id     = "fs-0123456789abcdef0"
      transit_encryption = "ENABLED"
      authorization_config {
        access_point_id = "fsap-0123456789abcdef0"
        iam             = "ENABLED"
      }
    }
  }
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = toset([
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
  ])
  role       = aws_iam_role.web.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_iam_role_policy" "own" {
  name = "own"
  role = aws_iam_role.web.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = "arn:aws:ecr:eu-central-1:123456789012:repository/web"
      },
      {
        Effect   = "Allow"
        Action   = "elasticfilesystem:ClientMount"
        Resource = "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-0123456789abcdef0"
        Condition = {
          StringEquals = {
            "elasticfilesystem:AccessPointArn" = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-0123456789abcdef0"
          }
        }
      },
    ]
  })
}

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

locals {
  account = "123456789012"
}

data "aws_subnets" "this" {}

resource "aws_ecs_cluster" "this" {
  name = "shop"
}

resource "aws_cloudwatch_log_group" "this" {
  name = "/ecs/shop"
}

resource "aws_sns_topic" "orders" {
  name = "orders"
}

resource "aws_iam_role" "execution" {
  name               = "shop-execution"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "secrets" {
  name = "secrets"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadSecrets"
      Effect   = "Allow"
      Action   = var.step == 1 ? ["secretsmanager:GetSecretValue"] : ["secretsmanager:GetSecretValue", "kms:Decrypt"]
      Resource = "arn:aws:secretsmanager:eu-west-1:${local.account}:secret:shop/*"
    }]
  })
}

resource "aws_iam_role" "task" {
  name               = "shop-task"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "task" {
  statement {
    sid       = "Send"
    actions   = var.step == 1 ? ["sns:Publish"] : ["sns:*"]
    resources = [aws_sns_topic.orders.arn]
  }
}

resource "aws_iam_policy" "task" {
  name   = "shop-task"
  policy = data.aws_iam_policy_document.task.json
}

resource "aws_iam_role_policy_attachment" "task" {
  role       = aws_iam_role.task.name
  policy_arn = aws_iam_policy.task.arn
}

resource "aws_iam_role_policy_attachment" "support" {
  count      = var.step == 1 ? 1 : 0
  role       = aws_iam_role.task.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_ecs_task_definition" "this" {
  family                   = "shop"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions = jsonencode([{
    name      = "shop"
    image     = "public.ecr.aws/docker/library/nginx:stable"
    essential = true
  }])
}

resource "aws_ecs_service" "this" {
  name            = "shop"
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 0
  launch_type     = "FARGATE"
  network_configuration {
    subnets = data.aws_subnets.this.ids
  }
}

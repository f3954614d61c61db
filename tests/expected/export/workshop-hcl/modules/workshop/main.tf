# fcjEcsTaskExecutionRole, the execution role, prepares tasks: ECS itself uses it.
resource "aws_iam_role" "fcjEcsTaskExecutionRole" {
  name                 = var.fcj_ecs_task_execution_role_name
  path                 = var.path
  description          = "Allows ECS tasks to call AWS services on your behalf."
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
      },
    ]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "fcjEcsTaskExecutionRole_AmazonEC2ContainerRegistryReadOnly" {
  role       = aws_iam_role.fcjEcsTaskExecutionRole.name
  policy_arn = "arn:${var.partition}:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"

  lifecycle {
    replace_triggered_by = [aws_iam_role.fcjEcsTaskExecutionRole.unique_id]
  }
}

resource "aws_iam_role_policy_attachment" "fcjEcsTaskExecutionRole_CloudWatchLogsFullAccess" {
  role       = aws_iam_role.fcjEcsTaskExecutionRole.name
  policy_arn = "arn:${var.partition}:iam::aws:policy/CloudWatchLogsFullAccess"

  lifecycle {
    replace_triggered_by = [aws_iam_role.fcjEcsTaskExecutionRole.unique_id]
  }
}

resource "aws_iam_role_policy_attachment" "fcjEcsTaskExecutionRole_SecretsManagerReadWrite" {
  role       = aws_iam_role.fcjEcsTaskExecutionRole.name
  policy_arn = "arn:${var.partition}:iam::aws:policy/SecretsManagerReadWrite"

  lifecycle {
    replace_triggered_by = [aws_iam_role.fcjEcsTaskExecutionRole.unique_id]
  }
}

resource "aws_iam_role_policy_attachment" "fcjEcsTaskExecutionRole_AmazonECSTaskExecutionRolePolicy" {
  role       = aws_iam_role.fcjEcsTaskExecutionRole.name
  policy_arn = "arn:${var.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

  lifecycle {
    replace_triggered_by = [aws_iam_role.fcjEcsTaskExecutionRole.unique_id]
  }
}

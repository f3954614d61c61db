moved {
  from = aws_iam_role.fcjEcsTaskExecutionRole
  to   = module.workshop.aws_iam_role.fcjEcsTaskExecutionRole
}

moved {
  from = aws_iam_role_policy_attachment.fcjEcsTaskExecutionRole_AmazonEC2ContainerRegistryReadOnly
  to   = module.workshop.aws_iam_role_policy_attachment.fcjEcsTaskExecutionRole_AmazonEC2ContainerRegistryReadOnly
}

moved {
  from = aws_iam_role_policy_attachment.fcjEcsTaskExecutionRole_CloudWatchLogsFullAccess
  to   = module.workshop.aws_iam_role_policy_attachment.fcjEcsTaskExecutionRole_CloudWatchLogsFullAccess
}

moved {
  from = aws_iam_role_policy_attachment.fcjEcsTaskExecutionRole_SecretsManagerReadWrite
  to   = module.workshop.aws_iam_role_policy_attachment.fcjEcsTaskExecutionRole_SecretsManagerReadWrite
}

moved {
  from = aws_iam_role_policy_attachment.fcjEcsTaskExecutionRole_AmazonECSTaskExecutionRolePolicy
  to   = module.workshop.aws_iam_role_policy_attachment.fcjEcsTaskExecutionRole_AmazonECSTaskExecutionRolePolicy
}

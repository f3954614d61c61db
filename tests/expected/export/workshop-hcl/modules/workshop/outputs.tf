output "fcjEcsTaskExecutionRole_arn" {
  description = "ARN of fcjEcsTaskExecutionRole, for a task definition"
  value       = aws_iam_role.fcjEcsTaskExecutionRole.arn
}

output "fcjEcsTaskExecutionRole_name" {
  description = "Name of fcjEcsTaskExecutionRole"
  value       = aws_iam_role.fcjEcsTaskExecutionRole.name
}

output "fcjEcsTaskExecutionRole_unique_id" {
  description = "Unique id of fcjEcsTaskExecutionRole, for policies that outlive its name"
  value       = aws_iam_role.fcjEcsTaskExecutionRole.unique_id
}

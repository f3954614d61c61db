output "web-task_arn" {
  description = "ARN of web-task, for a task definition"
  value       = aws_iam_role.web-task.arn
}

output "web-task_name" {
  description = "Name of web-task"
  value       = aws_iam_role.web-task.name
}

output "web-task_unique_id" {
  description = "Unique id of web-task, for policies that outlive its name"
  value       = aws_iam_role.web-task.unique_id
}

output "webExecution_arn" {
  description = "ARN of webExecution, for a task definition"
  value       = aws_iam_role.webExecution.arn
}

output "webExecution_name" {
  description = "Name of webExecution"
  value       = aws_iam_role.webExecution.name
}

output "webExecution_unique_id" {
  description = "Unique id of webExecution, for policies that outlive its name"
  value       = aws_iam_role.webExecution.unique_id
}

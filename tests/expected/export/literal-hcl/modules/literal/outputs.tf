output "__odd_key__052bf1_arn" {
  description = "ARN of __odd_key__052bf1, for a task definition"
  value       = aws_iam_role.__odd_key__052bf1.arn
}

output "__odd_key__052bf1_name" {
  description = "Name of __odd_key__052bf1"
  value       = aws_iam_role.__odd_key__052bf1.name
}

output "__odd_key__052bf1_unique_id" {
  description = "Unique id of __odd_key__052bf1, for policies that outlive its name"
  value       = aws_iam_role.__odd_key__052bf1.unique_id
}

output "web_arn" {
  description = "ARN of web, for a task definition"
  value       = aws_iam_role.web.arn
}

output "web_name" {
  description = "Name of web"
  value       = aws_iam_role.web.name
}

output "web_unique_id" {
  description = "Unique id of web, for policies that outlive its name"
  value       = aws_iam_role.web.unique_id
}

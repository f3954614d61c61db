output "fcjEcsTaskExecutionRole_arn" {
  description = "ARN of fcjEcsTaskExecutionRole, for a task definition"
  value       = module.workshop.fcjEcsTaskExecutionRole_arn
}

output "fcjEcsTaskExecutionRole_name" {
  description = "Name of fcjEcsTaskExecutionRole"
  value       = module.workshop.fcjEcsTaskExecutionRole_name
}

output "fcjEcsTaskExecutionRole_unique_id" {
  description = "Unique id of fcjEcsTaskExecutionRole, for policies that outlive its name"
  value       = module.workshop.fcjEcsTaskExecutionRole_unique_id
}

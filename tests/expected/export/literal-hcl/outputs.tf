output "__odd_key__052bf1_arn" {
  description = "ARN of __odd_key__052bf1, for a task definition"
  value       = module.literal.__odd_key__052bf1_arn
}

output "__odd_key__052bf1_name" {
  description = "Name of __odd_key__052bf1"
  value       = module.literal.__odd_key__052bf1_name
}

output "__odd_key__052bf1_unique_id" {
  description = "Unique id of __odd_key__052bf1, for policies that outlive its name"
  value       = module.literal.__odd_key__052bf1_unique_id
}

output "web_arn" {
  description = "ARN of web, for a task definition"
  value       = module.literal.web_arn
}

output "web_name" {
  description = "Name of web"
  value       = module.literal.web_name
}

output "web_unique_id" {
  description = "Unique id of web, for policies that outlive its name"
  value       = module.literal.web_unique_id
}

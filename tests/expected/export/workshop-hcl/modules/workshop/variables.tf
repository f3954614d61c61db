variable "fcj_ecs_task_execution_role_name" {
  description = "Name of role fcjEcsTaskExecutionRole in IAM."
  type        = string
  default     = "fcjEcsTaskExecutionRole"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.fcj_ecs_task_execution_role_name))
    error_message = "A role's name has 1 to 64 letters, digits and _+=,.@-."
  }
}

variable "partition" {
  description = "AWS partition of the account."
  type        = string
  default     = "aws"
  nullable    = false

  validation {
    condition     = contains(["aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov"], var.partition)
    error_message = "A partition is one of aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov."
  }
}

variable "path" {
  description = "IAM path of the roles and their managed policies."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.path)) && length(var.path) <= 512
    error_message = "A path is / or begins and ends with it, holds no spaces, and has up to 512 characters."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of all roles. Default: each role's own, if any."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null ? true : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary))
    error_message = "A permissions boundary is the ARN of a managed policy."
  }
}

variable "tags" {
  description = "Additional tags of all roles."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 50
    error_message = "A role can have 50 tags."
  }

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) <= 128 && !startswith(lower(key), "aws:") && length(value) <= 256])
    error_message = "A tag's key has up to 128 characters and does not begin with aws:, its value has up to 256."
  }
}

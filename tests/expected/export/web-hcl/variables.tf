variable "web_task_name_prefix" {
  description = "Name prefix of role web-task; Terraform completes the name."
  type        = string
  default     = "web-task-"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,38}$", var.web_task_name_prefix))
    error_message = "A prefix has 1 to 38 letters, digits and _+=,.@-."
  }
}

variable "web_execution_name" {
  description = "Name of role webExecution in IAM."
  type        = string
  default     = "webExecution"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.web_execution_name))
    error_message = "A role's name has 1 to 64 letters, digits and _+=,.@-."
  }
}

variable "account_id" {
  description = "Account of the tasks."
  type        = string
  default     = "111122223333"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account has 12 digits."
  }
}

variable "region" {
  description = "Region of the tasks."
  type        = string
  default     = "eu-west-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+(-[a-z0-9]+)+$", var.region))
    error_message = "A region is written as in eu-west-1."
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
  description = "IAM path of the roles and their managed policies. Default: each role's own."
  type        = string
  default     = null

  validation {
    condition     = var.path == null ? true : can(regex("^/([!-~]+/)?$", var.path)) && length(var.path) <= 512
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

variable "secret_arns" {
  description = "ARNs of secrets and parameters, by their names in the module."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.secret_arns), ["/shop/token", "shop/db-AbCdEf"])) == 0
    error_message = "Each key is one of local.secret_arns in main.tf."
  }

  validation {
    condition     = alltrue([for arn in values(var.secret_arns) : can(regex("^arn:[^:]+:[^:]+:", arn))])
    error_message = "Each value is an ARN."
  }
}

variable "repository_arns" {
  description = "ARNs of ECR repositories, by their names in the module."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.repository_arns), ["shop/web", "tools/agent"])) == 0
    error_message = "Each key is one of local.repository_arns in main.tf."
  }

  validation {
    condition     = alltrue([for arn in values(var.repository_arns) : can(regex("^arn:[^:]+:[^:]+:", arn))])
    error_message = "Each value is an ARN."
  }
}

variable "log_group_arns" {
  description = "ARNs of log groups, by their names in the module."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.log_group_arns), ["/shop/web"])) == 0
    error_message = "Each key is one of local.log_group_arns in main.tf."
  }

  validation {
    condition     = alltrue([for arn in values(var.log_group_arns) : can(regex("^arn:[^:]+:[^:]+:", arn))])
    error_message = "Each value is an ARN."
  }
}

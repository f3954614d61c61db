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

variable "step" {
  default = 1
}

locals {
  services = merge(
    {
      "shop.web"   = ["s3:GetObject"]
      "shop\"api]" = var.step == 1 ? ["s3:GetObject"] : ["s3:GetObject", "s3:PutObject"]
    },
    var.step == 1 ? { "a[\"b\"].c" = ["s3:DeleteObject"] } : { "new.$${key}" = ["s3:*"] }
  )
}

module "service" {
  source   = "./service"
  for_each = local.services
  name     = replace(each.key, "/[^a-z]/", "-")
  actions  = each.value
}

resource "aws_iam_role_policy_attachment" "logs" {
  for_each   = { for key, service in module.service : "logs of ${key}" => service.role_name }
  role       = each.value
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "shared" {
  role       = module.service["shop.web"].role_name
  policy_arn = module.service["shop\"api]"].policy_arn
}

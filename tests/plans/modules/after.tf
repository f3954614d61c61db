terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

module "service" {
  source   = "./service"
  for_each = { api = ["media", "exports"], worker = ["media"] }
  name     = each.key
  buckets  = each.value
}

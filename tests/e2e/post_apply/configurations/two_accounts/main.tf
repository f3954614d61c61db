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

provider "aws" {
  alias  = "prod"
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/deploy"
  }
}

variable "step" {
  default = 1
}

module "test" {
  source  = "./deploy"
  actions = ["s3:*", "ecs:*"]
}

module "prod" {
  source = "./deploy"
  providers = {
    aws = aws.prod
  }
  actions = var.step == 1 ? ["s3:GetObject"] : ["s3:*", "ecs:*"]
}

resource "aws_iam_role_policy_attachment" "prod" {
  count      = var.step == 1 ? 0 : 1
  provider   = aws.prod
  role       = module.prod.role
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

provider "aws" {
  region = "ap-southeast-1"
}

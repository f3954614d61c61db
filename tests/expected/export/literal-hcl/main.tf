module "literal" {
  source = "./modules/literal"
}

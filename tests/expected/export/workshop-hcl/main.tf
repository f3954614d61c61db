module "workshop" {
  source = "./modules/workshop"
}

#!/usr/bin/env bash
# HCP Terraform or Terraform Enterprise: reviews the plan of a workspace with a `cloud` block, in any CI. It runs in the
# root module with TF_TOKEN_app_terraform_io set, a token of a team that may plan and not apply.
# SETTINGS is a file from the base branch; see docs/plan-review.md.
set -euo pipefail
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
terraform init -input=false
terraform plan -input=false -out="$private/plan"
terraform show -json "$private/plan" > "$private/plan.json"
# Without the token: a review needs none.
unset TF_TOKEN_app_terraform_io
taskrole review "$private/plan.json" --source . --settings "$SETTINGS" --strict --require-approval broadening

moved {
  from = aws_iam_role.web-task
  to   = module.web.aws_iam_role.web-task
}

moved {
  from = aws_iam_policy.web-task_grants
  to   = module.web.aws_iam_policy.web-task_grants
}

moved {
  from = aws_iam_role_policy_attachment.web-task_grants
  to   = module.web.aws_iam_role_policy_attachment.web-task_grants
}

moved {
  from = aws_iam_role_policy_attachment.web-task_AWSXRayDaemonWriteAccess
  to   = module.web.aws_iam_role_policy_attachment.web-task_AWSXRayDaemonWriteAccess
}

moved {
  from = aws_iam_role_policies_exclusive.web-task
  to   = module.web.aws_iam_role_policies_exclusive.web-task
}

moved {
  from = aws_iam_role_policy_attachments_exclusive.web-task
  to   = module.web.aws_iam_role_policy_attachments_exclusive.web-task
}

moved {
  from = aws_iam_role.webExecution
  to   = module.web.aws_iam_role.webExecution
}

moved {
  from = aws_iam_role_policy.webExecution_grants
  to   = module.web.aws_iam_role_policy.webExecution_grants
}

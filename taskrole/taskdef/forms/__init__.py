"""The forms that task definitions are kept in: one file each, all read into the form of `register-task-definition`."""

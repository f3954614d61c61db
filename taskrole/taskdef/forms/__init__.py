"""The forms of task definitions, one file each; all are converted to the input of `register-task-definition`."""

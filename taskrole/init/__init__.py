"""The first files of a project: what `taskrole init` looks for, and what it writes."""

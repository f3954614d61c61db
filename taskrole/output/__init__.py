"""All output of taskrole passes through this package, which escapes it."""

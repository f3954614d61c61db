"""The syntaxes of files, one module each: JSON and YAML."""

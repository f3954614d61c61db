"""The syntaxes that any form may be written in, a module each: JSON and YAML."""

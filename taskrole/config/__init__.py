"""roles.yaml: read, checked and resolved into what is to be built."""

from taskrole.config.load import Config, StackSpec, load_config

__all__ = ["Config", "StackSpec", "load_config"]

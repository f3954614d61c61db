"""JSON, as all verbs write it."""

from __future__ import annotations

from taskrole.output.json_text import json_text

__all__ = ["json_text"]

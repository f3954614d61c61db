"""Renderers: each turns the report of a review into the text of a format.

Renderers are imported on use, so that a review in a terminal does not load the others.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from taskrole.output.options import RenderOptions
from taskrole.review.formats import REVIEW_FORMATS
from taskrole.review.report import Report

__all__ = ["RENDERERS", "RenderOptions", "Renderer"]


class Renderer(Protocol):
    """A function that renders a report: deterministic, and its text ends with a newline."""

    def __call__(self, report: Report, options: RenderOptions = ...) -> str:
        """Return the text."""
        ...


class _Renderers(Mapping[str, Renderer]):
    def __getitem__(self, name: str) -> Renderer:
        module, function = REVIEW_FORMATS[name].renderer.split(":")
        renderer: Renderer = getattr(importlib.import_module(f"{__name__}.{module}"), function)
        return renderer

    def __iter__(self) -> Iterator[str]:
        return iter(REVIEW_FORMATS)

    def __len__(self) -> int:
        return len(REVIEW_FORMATS)


RENDERERS: Mapping[str, Renderer] = _Renderers()

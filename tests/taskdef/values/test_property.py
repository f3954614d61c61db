"""For all task definitions: with values, a template derives as the document that its author would have written."""

from __future__ import annotations

import random
from typing import Any

import pytest

from taskrole.taskdef import derive, parse_document
from taskrole.taskdef.values.styles import placeholders
from taskrole.taskdef.values.values import Values
from tests.proof.generated import generate_case

STYLES = ("${{{}}}", "<{}>", "{{{{ {} }}}}", "{{{{ must_env `{}` }}}}", "$({})", "#{{{}}}", "%{}%")


def template(data: Any, rng: random.Random, values: dict[str, str]) -> Any:
    """Return data with texts and parts of them replaced by placeholders, of which the values are added."""
    if isinstance(data, dict):
        return {key: template(value, rng, values) for key, value in data.items()}
    if isinstance(data, list):
        return [template(value, rng, values) for value in data]
    # A part of what is a template already would cut it in two.
    if not isinstance(data, str) or not data or placeholders(data, is_image=True) or rng.random() < 0.3:
        return data
    start = rng.choice((0, rng.randrange(len(data))))
    end = rng.choice((len(data), rng.randrange(start, len(data)) + 1))
    name = f"V{len(values)}"
    values[name] = data[start:end]
    return data[:start] + rng.choice(STYLES).format(name) + data[end:]


@pytest.mark.parametrize("seed", range(60))
def test_a_filled_template_derives_like_the_document(seed: int) -> None:
    case, rng, values = generate_case(seed), random.Random(seed), dict[str, str]()
    data = case.documents[0]

    filled = parse_document(template(data, rng, values), "task.json", Values(values))

    plain = parse_document(data, "task.json", Values())
    assert derive([filled], case.context, case.options) == derive([plain], case.context, case.options)

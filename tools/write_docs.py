"""Write every generated page, picture and schema of the repository: `make docs`.

Each is a function that returns the text; tests/test_generated_docs.py compares the files with it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from taskrole.config.schema import schema_text
from tools import (
    draw_readme_picture,
    write_architecture_page,
    write_review_rules,
    write_roles_yaml_page,
    write_rules_page,
)

ROOT = Path(__file__).parent.parent
DOCS: dict[Path, Callable[[], str]] = {
    ROOT / "roles.schema.json": schema_text,
    draw_readme_picture.TARGET: draw_readme_picture.page,
    write_architecture_page.TARGET: write_architecture_page.page,
    write_review_rules.TARGET: write_review_rules.page,
    write_roles_yaml_page.TARGET: write_roles_yaml_page.page,
    write_rules_page.TARGET: write_rules_page.page,
}


def main() -> int:
    """Write the files that are out of date, print their names, and return 0."""
    for path, text_of in DOCS.items():
        text = text_of().encode("utf-8")
        if not path.is_file() or path.read_bytes() != text:
            path.write_bytes(text)
            sys.stdout.write(f"{path.relative_to(ROOT).as_posix()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Counts the real task definitions that derive unchanged, and with a values file: `-m bench.taskdefs FOLDER`.

The definitions are not part of the project. The values are generated for the placeholders in the output of
`--write-values`: an account for a missing account, an image for a missing image.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.report import Row, Section, page_section
from taskrole.arns import Context
from taskrole.errors import InputError
from taskrole.finding import Finding
from taskrole.taskdef import TaskDocument, derive, read_documents
from taskrole.taskdef.values.skeleton import skeleton
from taskrole.taskdef.values.sources import read_values
from taskrole.taskdef.values.values import Unfilled, Values

FOLDER = Path(os.environ.get("TASKROLE_TASKDEFS") or Path(__file__).parents[2] / "shared/taskdefs")
CONTEXT = Context("aws", "us-east-1", "111122223333")
IMAGE = f"{CONTEXT.account}.dkr.ecr.{CONTEXT.region}.amazonaws.com/app"
ROLE = f"arn:aws:iam::{CONTEXT.account}:role/app"
SECRET = f"arn:aws:secretsmanager:{CONTEXT.region}:{CONTEXT.account}:secret:app-a1B2c3"
PARAMETER = f"arn:aws:ssm:{CONTEXT.region}:{CONTEXT.account}:parameter/app"

_KEY = re.compile(r'(?P<key>[A-Za-z_][A-Za-z0-9_.-]*|".*"):')
_PLACE = re.compile(r"# (?P<file>.*?): (?P<pointer>/[^ ]*): (?P<text>.*?)(?: \([^()]*\))?")

_PLACE_OF_SECRET = re.compile(r"arn:(aws[a-z-]*):(?:secretsmanager|ssm):([a-z0-9-]+):([0-9]{12}):")


def measure(folder: Path = FOLDER) -> Section | None:
    """Return the number of a folder's definitions that derive unchanged and with values; None without the folder."""
    files = sorted(str(file) for file in folder.glob("**/*") if file.suffix in (".json", ".yaml", ".yml"))
    if not files:
        return None
    plain = {file: _problems(file, Values()) for file in files}
    values = _one_file_of_values(files)
    filled = {file: _problems(file, values) for file in files}
    corrected = {file: _problems(file, _with_corrections(values, file, errors)) for file, errors in filled.items()}
    left = Counter(" and ".join(sorted({error.code for error in errors})) for errors in corrected.values() if errors)
    of = len(files)
    rows = [
        _row("as they are", sum(not errors for errors in plain.values()), of),
        _row("with one values file: placeholders", sum(not errors for errors in filled.values()), of),
        _row("with one values file: malformed ARNs, too", sum(not errors for errors in corrected.values()), of),
        *(_row(f"not even so: {codes}", number, of) for codes, number in sorted(left.items())),
    ]
    return Section(
        "Real task definitions",
        f"Of {len(files)} published task definitions, not part of the project, how many derive without an error. The\n"
        "values file is the one that `--write-values` writes for all of them, filled in; then with values for the\n"
        "ARNs in it that ECS would refuse, by their pointers. Each runs where its secrets and parameters are. The\n"
        "rest by the rules that refuse them (docs/rules.md).",
        ("definitions", "share"),
        rows,
    )


def _row(name: str, number: int, of: int) -> Row:
    return Row(name, (str(number), f"{number / of:.0%}"), "python -m bench.taskdefs FOLDER")


def _problems(file: str, values: Values) -> list[Finding]:
    """Return the errors of a file's definitions."""
    try:
        documents = read_documents([file], values=values)
    except InputError as error:
        return [Finding("not read", "error", "", str(error))]
    return [finding for finding in derive(documents, _context(file)).findings if finding.severity == "error"]


def _context(file: str) -> Context:
    """Return the context of a file's tasks: that of all its secrets and parameters, if they agree."""
    places = set(_PLACE_OF_SECRET.findall(Path(file).read_text("utf-8")))
    return Context(*places.pop()) if len(places) == 1 else CONTEXT


def _with_corrections(values: Values, file: str, errors: Iterable[Finding]) -> Values:
    """Return values with one for each malformed ARN, by pointer."""
    texts = {
        f"{file}#{error.source}": ROLE if error.source.endswith("RoleArn") else SECRET
        for error in errors
        if error.code.endswith("-FORM")
    }
    return replace(values, by_name={**values.by_name, **texts})


def _one_file_of_values(files: Sequence[str]) -> Values:
    documents = list(_documents(files))
    text, _ = skeleton(documents, "values.yaml")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "values.yaml")
        file.write_text("\n".join(_filled_in(text.splitlines())), "utf-8")
        return read_values([str(file)])


def _documents(files: Iterable[str]) -> Iterator[TaskDocument]:
    for file in files:
        try:
            yield from read_documents([file])
        except InputError:  # noqa: PERF203 -- counted as not read
            continue


def _filled_in(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a values skeleton with a value for each key, chosen by its first place."""
    place: Unfilled | None = None
    for line in lines:
        comment, key = _PLACE.fullmatch(line), _KEY.fullmatch(line)
        if comment and place is None:
            place = Unfilled(comment["pointer"], comment["pointer"], comment["text"])
        if key and place:
            name = json.loads(key["key"]) if key["key"].startswith('"') else key["key"]
            yield f"{line} {json.dumps(_made_up(name, place))}"
            place = None
        else:
            yield line


def _made_up(name: str, place: Unfilled) -> str:
    """Return a plausible value for a placeholder with this name in this place."""
    is_whole = "/" in name or re.fullmatch(r"\W*" + re.escape(name) + r"\W*(:.*)?", place.text)
    if place.pointer.endswith("region") or re.search("region", name, re.IGNORECASE):
        return CONTEXT.region
    if re.search("account", name, re.IGNORECASE) or re.fullmatch("[Xx]{12}", name):
        return CONTEXT.account or ""
    if re.fullmatch("partition", name, re.IGNORECASE):
        return CONTEXT.partition
    if place.pointer.endswith("/image"):
        return IMAGE if is_whole or re.search("image|repository|uri", name, re.IGNORECASE) else "app"
    is_arn = place.pointer.endswith(("/valueFrom", "/credentialsParameter")) and is_whole
    return PARAMETER if is_arn or "arn" in name.lower() else "app"


if __name__ == "__main__":
    measured = measure(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    print(page_section(measured) if measured else "no task definitions there")

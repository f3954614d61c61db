r"""Escapes text so that terminals and CI systems display it without interpreting it.

Control, bidirectional and invisible characters become visible escapes (`\x1b`, `\u202e`), as do the beginnings of
commands that CI systems interpret in logs: `::error …::`, `##[…]`, `##vso[…]`, `##teamcity[…]`.

Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
https://www.jetbrains.com/help/teamcity/service-messages.html
"""

from __future__ import annotations

import re

from taskrole.errors import printable

# Letters and marks by category that are invisible: fillers, joiners and variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_GITHUB_COMMAND = re.compile(
    r":(:)(?=\s*(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|notice"
    r"|remove-matcher|save-state|set-env|set-output|stop-commands|warning)\b.*?::)",
    re.IGNORECASE,
)
_HASH_COMMAND = re.compile(r"#(#)(?=(?:vso|teamcity)?\[)", re.IGNORECASE)
# Commands only at the beginning of a line. GitHub skips leading white space.
_LINE_COMMAND = re.compile(
    r"((?:\s|\x1b\[[0-9;]*m)*)(?::(?P<colon>:)|section(?P<low>_)(?=(?:start|end):))", re.IGNORECASE
)
# The same, anywhere in a text of printable lines that begins with a newline: two patterns take a quarter of the time.
_MAYBE_COLONS = re.compile(r"\n *::")
_MAYBE_SECTION = re.compile(r"\n *section_(?:start|end):", re.IGNORECASE)
_PRINTABLE = bytes([*b"\n", *range(0x20, 0x7F)])
_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")


def visible(text: str) -> str:
    """Return a text on one line with only visible characters, which no CI system interprets as a command."""
    if not (text.isascii() and text.isprintable()):
        text = _INVISIBLE.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), printable(text))
    if "::" in text:
        text = _GITHUB_COMMAND.sub(r":\\x3a", text)
    return _HASH_COMMAND.sub(r"#\\x23", text) if "##" in text else text


def gated(text: str, *, is_styled: bool = False) -> str:
    """Return the lines of a text safe for printing: without control characters and CI commands.

    Only newlines end lines. Of control sequences, only colours and weights are kept, and only with `is_styled`, if the
    caller wrote them and escaped the values. Printable JSON is unchanged.
    """
    if _is_harmless(text):
        return text
    return "\n".join(_gated_line(line, is_styled=is_styled) for line in text.split("\n"))


def without_commands(markup: str) -> str:
    """Return HTML, XML or Markdown without CI commands at the beginning of lines; it is displayed the same."""
    return "\n".join(_begin_as_entity(line) for line in markup.split("\n"))


def _is_harmless(text: str) -> bool:
    """Return whether a whole text is obviously harmless, as long reports are."""
    if not text.isascii() or "##" in text:
        return False
    if text.encode("ascii").translate(None, _PRINTABLE):
        return False
    lines = f"\n{text}"
    return not _MAYBE_COLONS.search(lines) and not ("section_" in text.lower() and _MAYBE_SECTION.search(lines))


def _gated_line(line: str, *, is_styled: bool) -> str:
    if not line.isprintable():
        parts = _COLOUR.split(line) if is_styled else [line]
        line = "".join(part if number % 2 else printable(part) for number, part in enumerate(parts))
    if "##" in line:
        line = _HASH_COMMAND.sub(r"#\\x23", line)
    begin = _LINE_COMMAND.match(line)
    if begin is None:
        return line
    escape = r"\x3a" if begin["colon"] else r"\x5f"
    place = begin.start("colon") if begin["colon"] else begin.start("low")
    return f"{line[:place]}{escape}{line[place + 1 :]}"


def _begin_as_entity(line: str) -> str:
    stripped = line.lstrip()
    if not (_LINE_COMMAND.match(stripped) or _HASH_COMMAND.match(stripped)):
        return line
    return f"{line[: len(line) - len(stripped)]}&#{ord(stripped[0])};{stripped[1:]}"

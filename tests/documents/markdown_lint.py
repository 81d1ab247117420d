r"""A linter for the Markdown that the package writes: what survives the readers people use.

`portable` is for readers with a mathematics plugin (VS Code, Jupyter, Obsidian, pandoc): inline
mathematics in `$…$`, displays in `$$` alone on its line. Some of these readers apply Markdown's own
rules inside mathematics first, so what they would take for emphasis, a list, HTML, or an escape may
not occur. `github` is for GitHub: inline $`…`$, displays in ```math fences.

lint(text, profile) returns the findings, none for a clean document.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    line: int
    rule: str
    excerpt: str


INLINE = {
    "portable": re.compile(r"(?<!\\)\$((?:\\.|[^$\\])+)\$"),
    "github": re.compile(r"\$`([^`]*)`\$"),
}
FENCES = {"portable": ("$$", "$$"), "github": ("```math", "```")}

FORBIDDEN = {
    "align for aligned": re.compile(
        r"\\(?:begin|end)\{(?:align|gather|equation|eqnarray|multline)\*?\}"
    ),
    "operatorname": re.compile(r"\\operatorname"),
    "label": re.compile(r"\\label"),
    "subscript after a bracket": re.compile(r"[)\]}]\s*_"),
    "superscript before subscript": re.compile(r"\^(?:\{[^{}]*\}|\\[A-Za-z]+|[^\\{])\s*_"),
    "raw angle bracket": re.compile(r"[<>]"),
    "escape that Markdown eats": re.compile(r"\\[^A-Za-z\\\s]"),
    "underline at a border of words": re.compile(r"(?:^|\s)_|_(?:\s|$)"),
}
ROW_END = re.compile(r"\\\\(?!$)")
BLOCK_MARKER = re.compile(r"\s{0,3}(?:[-+*]\s|\d+[.)]\s|#|>|=+\s*$|-+\s*$|~~~|```)")


def lint(text: str, profile: str) -> list[Finding]:
    """All findings in the order of the lines."""
    return sorted(_findings(text, profile), key=lambda f: f.line)


def _findings(text: str, profile: str) -> Iterator[Finding]:
    lines = text.split("\n")
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield Finding(len(lines), "one newline at the end", lines[-1])
    outside: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        if line != line.rstrip():
            yield Finding(number, "space at the end of a line", line)
        if number > 1 and not line and not lines[number - 2] and number < len(lines):
            yield Finding(number, "two blank lines", line)
    opening, closing = FENCES[profile]
    start: int | None = None
    for number, line in enumerate(lines, start=1):
        if start is not None:
            if line == closing:
                if number < len(lines) and lines[number]:
                    yield Finding(number, "blank line after a display", lines[number])
                yield from _display(lines[start : number - 1], start + 1)
                start = None
            elif number == len(lines):
                yield Finding(start, "display without an end", lines[start - 1])
            continue
        if line == opening:
            if number > 1 and lines[number - 2]:
                yield Finding(number, "blank line before a display", lines[number - 2])
            start = number
            continue
        outside.append((number, line))
    for number, line in outside:
        yield from _text_line(number, line, profile)
    yield from _tables(outside, profile)


def _display(body: list[str], first: int) -> Iterator[Finding]:
    if not any(line.strip() for line in body):
        yield Finding(first, "empty display", "")
    for number, line in enumerate(body, start=first):
        if not line.strip():
            yield Finding(number, "blank line in a display", line)
        if ROW_END.search(line):
            yield Finding(number, "row ends within a line", line)
        if BLOCK_MARKER.match(line):
            yield Finding(number, "line that begins a Markdown block", line)
        yield from _mathematics(number, line)
    whole = "\n".join(body)
    if whole.count(r"\tag") > 1:
        yield Finding(first, "more than one tag", body[0])
    for word in set(re.findall(r"\\begin\{(\w+)\}", whole)):
        if whole.count(f"\\begin{{{word}}}") != whole.count(f"\\end{{{word}}}"):
            yield Finding(first, "environment without an end", word)
    if whole.count("{") != whole.count("}"):
        yield Finding(first, "braces", body[0])


def _mathematics(number: int, line: str) -> Iterator[Finding]:
    # the name of a function may hold an underline: every reader with a mathematics plugin keeps it
    line = re.sub(r"\\mathrm\{[^{}]*\}", lambda m: m.group().replace(r"\_", ""), line)
    for rule, pattern in FORBIDDEN.items():
        if pattern.search(line):
            yield Finding(number, rule, line)


def _text_line(number: int, line: str, profile: str) -> Iterator[Finding]:
    pattern = INLINE[profile]
    rest = pattern.sub("", line)
    if re.search(r"(?<!\\)\$", rest):
        yield Finding(number, "dollar without its pair", line)
    if re.search(r"(?<!\\)`", rest if profile == "github" else line):
        yield Finding(number, "backtick outside mathematics", line)
    for found in pattern.finditer(line):
        body = found.group(1)
        if not body.strip() or body != body.strip():
            yield Finding(number, "space inside the dollars", found.group())
        if "\\\\" in body:
            yield Finding(number, "rows in inline mathematics", found.group())
        yield from _mathematics(number, body)
        before, after = line[: found.start()][-1:], line[found.end() :][:1]
        if _wide(before) or _wide(after):
            yield Finding(number, "no space between Chinese and mathematics", found.group())
        if before.isalnum() or after.isalnum():
            yield Finding(number, "letter or digit beside a dollar", found.group())
    yield from _emphasis(number, pattern.sub("$x$", line), line)


def _wide(character: str) -> bool:
    return bool(character) and (
        unicodedata.east_asian_width(character) in "WF" or character in "“”‘’…—"
    )


def _emphasis(number: int, text: str, line: str) -> Iterator[Finding]:
    """CommonMark's flanking rule: the neighbours decide whether stars open or close."""
    stack: list[str] = []
    for run in re.finditer(r"(?<!\\)\*+", text):
        before, after = text[: run.start()][-1:] or " ", text[run.end() :][:1] or " "
        left = not after.isspace() and (not _mark(after) or before.isspace() or _mark(before))
        right = not before.isspace() and (not _mark(before) or after.isspace() or _mark(after))
        if stack and stack[-1] == run.group():
            if not right:
                yield Finding(number, "stars that do not close", line)
            stack.pop()
        else:
            if not left:
                yield Finding(number, "stars that do not open", line)
            stack.append(run.group())
    if stack:
        yield Finding(number, "stars without their pair", line)


def _mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _tables(outside: list[tuple[int, str]], profile: str) -> Iterator[Finding]:
    columns = 0
    for number, line in outside:
        if not line.startswith("|"):
            columns = 0
            continue
        bare = INLINE[profile].sub(lambda m: m.group().replace("|", ""), line)
        if bare.count("|") != line.count("|"):
            yield Finding(number, "bar in mathematics in a table", line)
        count = len(re.findall(r"(?<!\\)\|", line)) - 1
        if columns and count != columns:
            yield Finding(number, "row with another number of cells", line)
        columns = count

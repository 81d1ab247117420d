"""The author's own LaTeX macros: collected from \\newcommand and \\def, expanded within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_EXPANSIONS = 2_000
MAX_LENGTH = 200_000

_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand)\*?\s*(?:\{\s*(?P<name>\\[A-Za-z]+|\\.)\s*\}|(?P<bare>\\[A-Za-z]+))"
    r"\s*(?:\[(?P<count>\d)\])?\s*(?:\[(?P<default>[^\]\n]*)\])?\s*(?=\{)"
    r"|\\def\s*(?P<def>\\[A-Za-z]+)(?P<params>(?:#\d)*)\s*(?=\{)"
    r"|\\DeclareMathOperator\*?\s*\{\s*(?P<op>\\[A-Za-z]+)\s*\}\s*(?=\{)"
)
_COMMAND = re.compile(r"\\[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: `count` arguments, the first optional where `default` is not None."""

    count: int
    body: str
    default: str | None = None


def group_end(text: str, start: int, limit: int = MAX_LENGTH) -> int:
    """The offset after the brace group that opens at `start`, or -1 where it never closes."""
    depth, at, stop = 0, start, min(len(text), start + limit)
    while at < stop:
        c = text[at]
        if c == "\\":
            at += 2
            continue
        if c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return -1


def collect(text: str) -> tuple[dict[str, Macro], list[tuple[int, int]]]:
    """The macros that `text` defines, and the places of the definitions (to be blanked out)."""
    macros: dict[str, Macro] = {}
    places: list[tuple[int, int]] = []
    for found in _DEFINITION.finditer(text):
        end = group_end(text, found.end(), 4_000)
        if end < 0:
            continue
        body = text[found.end() + 1 : end - 1]
        places.append((found.start(), end))
        if found["op"]:
            macros[found["op"]] = Macro(0, "\\operatorname{" + body + "}")
        elif found["def"]:
            macros[found["def"]] = Macro(len(found["params"]) // 2, body)
        else:
            macros[found["name"] or found["bare"]] = Macro(
                int(found["count"] or 0), body, found["default"]
            )
    return macros, places


def expand(latex: str, macros: dict[str, Macro]) -> tuple[str, str]:
    """The text with all macros expanded, and a problem ('' if none).

    The work is bounded: a macro that calls itself ends with a problem, not with a hang.
    """
    if not macros or not any(m.group() in macros for m in _COMMAND.finditer(latex)):
        return latex, ""
    for _ in range(40):
        parts: list[str] = []
        at, done, length = 0, 0, 0
        for found in _COMMAND.finditer(latex):
            if found.start() < at or found.group() not in macros:
                continue
            macro = macros[found.group()]
            arguments, end = _arguments(latex, found.end(), macro)
            if arguments is None:
                return latex, f"{found.group()} needs {macro.count} arguments"
            body = _filled(macro.body, arguments)
            # A command word must not run into the letter that follows the macro's use.
            if _COMMAND.search(body[-20:]) and latex[end : end + 1].isalpha():
                body += " "
            parts += [latex[at : found.start()], body]
            at, done = end, done + 1
            length += found.start() + len(body)
            if done > MAX_EXPANSIONS or length > 50 * MAX_LENGTH:
                return latex, "a macro expands without end"
        latex = "".join(parts) + latex[at:]
        if len(latex) > MAX_LENGTH:
            return latex[:1000], "a macro expands without end"
        if not any(m.group() in macros for m in _COMMAND.finditer(latex)):
            return latex, ""
    return latex[:1000], "a macro is defined by itself"


def _filled(body: str, arguments: list[str]) -> str:
    return re.sub(r"#(\d)", lambda m: _pick(arguments, int(m.group(1))), body)


def _pick(arguments: list[str], number: int) -> str:
    return arguments[number - 1] if 1 <= number <= len(arguments) else ""


def _arguments(text: str, at: int, macro: Macro) -> tuple[list[str] | None, int]:
    found: list[str] = []
    for number in range(macro.count):
        start = at
        while start < len(text) and text[start].isspace():
            start += 1
        if number == 0 and macro.default is not None:
            close = text.find("]", start) if text[start : start + 1] == "[" else -1
            if close >= 0:
                found.append(text[start + 1 : close])
                at = close + 1
            else:
                found.append(macro.default)
            continue
        if start >= len(text):
            return None, at
        if text[start] == "{":
            end = group_end(text, start)
            if end < 0:
                return None, at
            found.append(text[start + 1 : end - 1])
            at = end
        elif text[start] == "\\":
            command = _COMMAND.match(text, start)
            at = command.end() if command else start + 2
            found.append(text[start:at])
        else:
            found.append(text[start])
            at = start + 1
    return found, at

"""Layers written as bare numbers: in `z^2 = w^2 a^1 + b^2` the 2 is a layer, not a square.

A square is hardly ever defined or differentiated by; a quantity of layer 2 is, and others with it.
"""

from __future__ import annotations

import re
from collections import defaultdict

_SUB = r"(?:_\{[^{}]*\}|_[A-Za-z0-9])?"
_WITH_NUMBER = r"\\?(?P<base>[A-Za-z]+)" + _SUB + r"\s*\^\{?(?P<number>[0-9])(?:\}|,|(?![0-9]))"
_BY = re.compile(r"(?:\}\s*\{\s*\\partial\s*|/\s*\\partial\s*|\\nabla_\{\s*)" + _WITH_NUMBER)
_HEAD = re.compile(
    r"(?:^|\\\\|\n|\\begin\{[a-z]+\*?\}|\\[;,]|\\quad)\s*" + _WITH_NUMBER + r"\s*&?\s*(?:=|:=)",
)
_ANY = re.compile(
    r"(?<![A-Za-z\\])\\?(?P<base>[A-Za-z]+)" + _SUB + r"\s*(?P<sup>\^(?:\{[^{}]*\}|.))?"
)

_SECOND = re.compile(
    r"(?:\\partial|(?<![A-Za-z])d)\s*\^\s*\{?\s*[23]\s*\}?(?:[^{}]|\{[^{}]*\}){0,60}\}\s*"
    r"\{(?:[^{}]|\{[^{}]*\}){0,60}\}"
)
"""The rest of a second derivative: in `∂w^2` below its bar the 2 is the order."""


def numbered_layers(text: str) -> frozenset[str]:
    """Letters whose numbers in superscripts are layers (without backslash); empty if none are."""
    text = _SECOND.sub(" ", text)
    numbers: dict[str, set[str]] = defaultdict(set)
    by: set[str] = set()
    for pattern in (_BY, _HEAD):
        for m in pattern.finditer(text):
            numbers[m["base"]].add(m["number"])
            if pattern is _BY:
                by.add(m["base"])
    bare: set[str] = set()
    raised: dict[str, set[str]] = defaultdict(set)
    lettered: set[str] = set()
    for m in _ANY.finditer(text):
        sup = (m["sup"] or "").strip("^{} ")
        if m["base"] == "Delta" and not sup and re.match(r"\s*\\?[A-Za-z]", text[m.end() :]):
            continue  # a change of what follows: one name
        if sup[:1].isdigit():
            raised[m["base"]].add(sup)
        elif re.match(r"(?:l|L|\\ell)\b", sup):
            lettered.add(m["base"])
        elif not sup or not sup[:1].isalpha() or sup in ("T", "\\top"):
            bare.add(m["base"])
    several = any(len(found) > 1 for found in numbers.values())
    above = {base for base, found in numbers.items() if found - {"0"}}
    if not several and len(by) < 2 and not lettered & above:
        return frozenset()
    # Another letter that never stands without its number is numbered as well; so is the z of `z^l` that
    # is also the argument in `σ(z) = …`, but for the square in `1 - z^2`.
    bare -= {x for x in lettered if raised[x] - {"2"} or not _squared(x, text)}
    return frozenset(numbers) | (set(raised) - bare - {x for x in raised if not raised[x]})


def _squared(base: str, text: str) -> bool:
    return bool(re.search(rf"1\s*-\s*\\?{base}\^\{{?2", text))

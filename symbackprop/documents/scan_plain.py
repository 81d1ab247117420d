"""Mathematics in plain text without delimiters: lines that hold a relation, Unicode or ASCII."""

from __future__ import annotations

import re

from symbackprop.documents.plain_spelling import GREEK, as_latex, dots_are_inner
from symbackprop.documents.scan import Piece, Scan, Source, with_prose

_RELATION = re.compile(r":=|←|<-|≈|≡|(?<![<>=!:])=(?!=)")
_FUNCTIONS = frozenset(
    [
        "exp",
        "log",
        "ln",
        "tanh",
        "sinh",
        "cosh",
        "sin",
        "cos",
        "tan",
        "max",
        "min",
        "sqrt",
        "sigmoid",
        "softmax",
        "relu",
        "sum",
        "prod",
        "abs",
        "sign",
        "diag",
        "argmax",
        "transpose",
        "dot",
        "norm",
        "softplus",
    ]
)
_WORD = re.compile(r"(?<![\\A-Za-z0-9_^{(])[A-Za-z]{3,}(?![A-Za-z0-9_({^])")
_SHORT = re.compile(r"(?:\s+(?:is|as|in|of|we|it|so|by|on|or|if))+\s*$")
_CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef]+")


def scan_plain(text: str, name: str) -> Scan:
    """Find lines that are (or end in) a formula; the words around it are left out."""
    source = Source.of(name, text)
    pieces: list[Piece] = []
    bounds: list[tuple[int, int]] = []
    fenced = False
    inner = dots_are_inner(text)
    for number, start in enumerate(source.starts, start=1):
        line = source.line_text(number)
        if line.lstrip().startswith(("```", "~~~")):
            # A fence without a language may hold mathematics; a program does not.
            fenced = not fenced and len(line.strip()) > 3
        if fenced or "$" in line or "`" in line:
            continue
        if len(line) > 2_000 or not _RELATION.search(line) or line.lstrip().startswith(("#", ">")):
            continue
        for begin, end in _after_ranges(line, _columns(line)):
            span = _formula_span(line[:end], begin)
            if span is None:
                continue
            left, right = span
            latex, exact = as_latex(line[left:right], inner)
            pieces.append(
                Piece(latex, name, number, left + 1, True, start + left, start + right, exact=exact)
            )
            bounds.append((start + left, start + right))
    return Scan(name, tuple(with_prose(source, pieces, bounds)), (source,))


_RANGE = re.compile(r"(?<![A-Za-z0-9_])[a-z] ?= ?[0-9]\.\.[A-Z](?: ?- ?[0-9])? and (?=.*=)")


def _after_ranges(line: str, columns: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What stands behind `t = 1..T and` is a formula of its own."""
    found: list[tuple[int, int]] = []
    for begin, end in columns:
        told = _RANGE.search(line, begin, end)
        found += [(begin, told.end()), (told.end(), end)] if told else [(begin, end)]
    return found


_GAP = re.compile(r" {3,}|\t[ \t]*")
_REMARK = re.compile(r"\([^()]*[A-Za-z]{3,}[^()]*\)?[ \t.]*$")


def _columns(line: str) -> list[tuple[int, int]]:
    """Formulas side by side, with wide gaps between them: `z = W x + b      a = σ(z)      (hidden)`."""
    found: list[tuple[int, int]] = []
    begin = 0
    for gap in _GAP.finditer(line):
        left, right = line[begin : gap.start()], line[gap.end() :]
        relation = _RELATION.search(left)
        if relation is None or not left[relation.end() :].strip():
            continue
        following = _RELATION.search(right)
        own = following is not None and bool(right[: following.start()].strip(" \t&"))
        if own or _REMARK.match(right):
            found.append((begin, gap.start()))
            begin = gap.end()
    found.append((begin, len(line)))
    return [span for span in found if _RELATION.search(line, *span)]


_THAT_IS = re.compile(r"(?<![A-Za-z])(?:i\.\s?e\.|e\.\s?g\.|d\.\s?h\.|z\.\s?B\.)[ ,]")


def _formula_span(line: str, left: int = 0) -> tuple[int, int] | None:
    """The part of the line from `left` on, around its first relation, that holds no prose words."""
    first = _RELATION.search(line, left)
    assert first is not None
    right = len(line)
    for found in (*_CJK.finditer(line, left), *_WORD.finditer(line, left)):
        word = found.group()
        if word.lower() in _FUNCTIONS or word in GREEK or _is_label(line, found):
            continue
        if found.end() <= first.start():
            left = max(left, found.end())
        else:
            right = min(right, found.start())
    for told in _THAT_IS.finditer(line, left, first.start()):
        left = told.end()
    while left < right and (line[left].isspace() or line[left] in ":,.;-–•*"):
        left += 1
    segment = line[left:right]
    if right < len(line):  # `h_0 = 0 is never updated`
        segment = _SHORT.sub("", segment)
    segment = segment.rstrip(" \t,.;:")
    right = left + len(segment)
    relation = _RELATION.search(line, left, right)
    if relation is None or not line[left : relation.start()].strip():
        return None
    if not line[relation.end() : right].strip():
        return None
    return left, right


def _is_label(line: str, found: re.Match[str]) -> bool:
    """A long name that is itself a side of the equation: `loss = ...` (the relation is next)."""
    return bool(re.match(r"\s*(?::?=|←)", line[found.end() :]))

"""Blocks as a LaTeX document for XeLaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from symbackprop.documents.blocks import Block, Contents, Display, Grid, Heading, Paragraph, filled
from symbackprop.documents.grids import (
    SEPARATION,
    column_widths,
    cut,
    is_number,
    is_words,
    number_columns,
)
from symbackprop.documents.spacing import MATHEMATICS
from symbackprop.documents.templates import latex_environment

ROOM = 46.0
"""Width of the text in em of the smaller type that tables are set in."""
SHRINK = 1.2
"""So much too wide a table may be: it is made smaller. Beyond, it is cut or its text is broken."""
ROWS = 38
"""Rows of a table that surely fit on a page."""
LONG_TEXT = 16.0
"""From this width on (em) a column of text may be broken into lines."""

PLENTY = 12
"""A table of more rows may be broken between pages, if it is no wider than the text."""

LATIN = "\u017f"
"""Up to this letter the usual font has all."""

OPENING, CLOSING = "\\begin{aligned}\n", "\n\\end{aligned}"


def render(title: str, blocks: tuple[Block, ...], language: str) -> str:
    """The whole document; `language` and a name that is not ASCII decide the fonts."""
    template = latex_environment().get_template("latex/document.tex.j2")
    views = [view for block in filled(blocks) for view in _views(block)]
    cjk = language.startswith("zh") or any(c > LATIN for c in title)
    return str(template.render(title=_text(title), blocks=views, cjk=cjk))


def _views(block: Block) -> Iterator[dict[str, Any]]:
    match block:
        case Contents():
            yield {"kind": "contents", "title": _text(block.title)}
        case Heading():
            yield {"kind": "heading", "number": block.number, "text": _text(block.text)}
        case Paragraph():
            yield {"kind": "paragraph", "text": _text(block.text), "lead": _text(block.lead)}
        case Display():
            yield {"kind": "display", "text": display(block.latex), "mark": _text(block.mark)}
        case Grid():
            for part in cut(block, ROOM * SHRINK, ROWS, LONG_TEXT):
                yield {
                    "kind": "grid",
                    "columns": columns(part),
                    "long": len(part.rows) > PLENTY and _fits(part),
                    "stretch": 1.7 if any("\\frac" in c for r in part.rows for c in r) else 1.25,
                    "header": [_cell(c) for c in part.header],
                    "rows": [[_cell(c) for c in row] for row in part.rows],
                }


def display(latex: str) -> str:
    """A display; one of several rows may be broken between pages, which `aligned` may not."""
    body = latex.removeprefix(OPENING).removesuffix(CLOSING)
    if len(body) + len(OPENING) + len(CLOSING) == len(latex) and "{aligned}" not in body:
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"
    return f"\\[\n{latex}\n\\]"


def columns(grid: Grid) -> str:
    """The column types: numbers flush right, long text broken where the table is too wide."""
    widths = column_widths(grid)
    excess = sum(w + SEPARATION for w in widths) - 0.95 * ROOM
    types = ["r" if number else "l" for number in number_columns(grid)]
    widest = max(range(len(widths)), key=lambda i: widths[i])
    if excess > 0 and is_words(grid, widest) and widths[widest] > LONG_TEXT:
        types[widest] = f"p{{{max(LONG_TEXT, widths[widest] - excess):.1f}em}}"
    return "".join(types)


def _fits(grid: Grid) -> bool:
    """Whether the table is surely no wider than the text, long lines broken."""
    widths = [
        min(w, LONG_TEXT) if is_words(grid, i) else w for i, w in enumerate(column_widths(grid))
    ]
    return sum(w + SEPARATION for w in widths) < 0.9 * ROOM


def _cell(cell: str) -> str:
    r"""A number in mathematics, for its minus sign; `[` would be an option of the `\\` before."""
    if is_number(cell):
        return f"${cell}$"
    return "{}" + _text(cell) if cell.startswith(("[", "*")) else _text(cell)


def _text(text: str) -> str:
    """Text with typographic quotation marks and minus signs; mathematics in it is left alone."""
    parts, end = [], 0
    for found in MATHEMATICS.finditer(text):
        parts += [text[end : found.start()], found.group()]
        end = found.end()
    parts.append(text[end:])
    # a quotation may hold mathematics: the marks are counted over the whole text
    opened = False
    for i in range(0, len(parts), 2):
        pieces = parts[i].split('"')
        for j in range(1, len(pieces)):
            pieces[j] = ("''" if opened else "``") + pieces[j]
            opened = not opened
        parts[i] = re.sub(r"(?<![\w.}-])-(?=\d)", "$-$", "".join(pieces))
    return "".join(parts)

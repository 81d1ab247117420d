"""Blocks as Markdown, in two profiles: `portable` ($$ alone on its line) and `github` (```math)."""

from __future__ import annotations

from typing import Any

from symbackprop.documents.blocks import Block, Display, Grid, Heading, Paragraph, filled
from symbackprop.documents.spacing import spaced
from symbackprop.documents.templates import text_environment


def render(title: str, blocks: tuple[Block, ...], profile: str) -> str:
    """The whole document."""
    template = text_environment().get_template("markdown/document.md.j2")
    text = template.render(title=spaced(title), blocks=[_view(b, profile) for b in filled(blocks)])
    return str(text).rstrip() + "\n"


def _view(block: Block, profile: str) -> dict[str, Any]:
    match block:
        case Heading():
            return {
                "kind": "heading",
                "level": block.level,
                "number": block.number,
                "text": spaced(block.text),
            }
        case Paragraph():
            return {"kind": "paragraph", "text": spaced(block.text), "lead": spaced(block.lead)}
        case Display():
            return {"kind": "display", "text": _display(block, profile)}
        case Grid():
            return {
                "kind": "grid",
                "header": [_cell(c) for c in block.header],
                "rows": [[_cell(c) for c in row] for row in block.rows],
            }


def _display(block: Display, profile: str) -> str:
    opening, closing = ("```math", "```") if profile == "github" else ("$$", "$$")
    text = f"{opening}\n{block.latex}\n{closing}"
    return f"{text}\n\n{block.mark}" if block.mark else text


def _cell(text: str) -> str:
    """A table cell: a bar would end it."""
    return spaced(text).replace("|", r"\vert ") if text else " "

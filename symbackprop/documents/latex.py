"""Blocks as a LaTeX document for XeLaTeX."""

from __future__ import annotations

from typing import Any

from symbackprop.documents.blocks import Block, Display, Grid, Heading, Paragraph
from symbackprop.documents.templates import latex_environment


def render(title: str, blocks: tuple[Block, ...], language: str) -> str:
    """The whole document; `language` decides the fonts."""
    template = latex_environment().get_template("latex/document.tex.j2")
    return str(
        template.render(
            title=title, blocks=[_view(b) for b in blocks], cjk=language.startswith("zh")
        )
    )


def _view(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "number": block.number, "text": block.text}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text, "lead": block.lead}
        case Display():
            return {"kind": "display", "text": _display(block)}
        case Grid():
            return {
                "kind": "grid",
                "columns": "l" * len(block.header),
                "header": block.header,
                "rows": block.rows,
            }


def _display(block: Display) -> str:
    text = f"\\[\n{block.latex}\n\\]"
    return f"{text}\n\n{block.mark}\n" if block.mark else text

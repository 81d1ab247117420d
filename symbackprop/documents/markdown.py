"""Blocks as Markdown, in two profiles: `portable` ($$ alone on its line) and `github` (```math)."""

from __future__ import annotations

import re
from typing import Any

from symbackprop.documents.blocks import Block, Contents, Display, Grid, Heading, Paragraph, filled
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
        case Contents():
            entries = " \N{MIDDLE DOT} ".join(_link(*entry) for entry in block.entries)
            lead = spaced(f"{block.title}:")
            return {"kind": "paragraph", "text": entries, "lead": lead}
        case Grid():
            return {
                "kind": "grid",
                "header": [_cell(c) for c in block.header],
                "rows": [[_cell(c) for c in row] for row in block.rows],
            }


def _link(number: str, text: str) -> str:
    """A link to a heading, by the name that GitHub and editors give it."""
    heading = f"{number}. {spaced(text)}"
    return f"[{number} {spaced(text)}](#{anchor(heading)})"


def anchor(heading: str) -> str:
    """The name of a heading: letters, digits, underlines and hyphens of its text, in lower case."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


def _display(block: Display, profile: str) -> str:
    opening, closing = ("```math", "```") if profile == "github" else ("$$", "$$")
    text = f"{opening}\n{block.latex}\n{closing}"
    return f"{text}\n\n{block.mark}" if block.mark else text


def _cell(text: str) -> str:
    """A table cell: a bar would end it."""
    return spaced(text).replace("|", r"\vert ") if text else " "

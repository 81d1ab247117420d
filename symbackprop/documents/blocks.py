"""What a document is made of, before any format: headings, paragraphs, displays, tables.

All text is marked up for the target format already: the language macros wrote it through the
format's own `Marks`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `lead` is a run-in heading before it ('7.1 Chain rule, one path')."""

    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Display:
    """The LaTeX inside of a display, one line an item. `mark` is a sentence printed after it."""

    latex: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The list of the sections, for a long document: (number, title) of each."""

    title: str
    entries: tuple[tuple[str, str], ...]


Block = Heading | Paragraph | Display | Grid | Contents


def filled(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks without empty paragraphs: a macro may have nothing to say."""
    return tuple(b for b in blocks if not isinstance(b, Paragraph) or b.text or b.lead)

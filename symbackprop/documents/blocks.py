"""What a document is made of, before any format: headings, paragraphs, displays, tables.

Text blocks hold marked-up text of the target format already (the language macros wrote it through
the format's own `Marks`); formulas are still Formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.formula.tree import Chain, Formula


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
    """One or more statements, printed together, one below the other. `mark` is printed after it."""

    chains: tuple[Chain, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: cells are Formulas or text of the target format."""

    header: tuple[Formula | str, ...]
    rows: tuple[tuple[Formula | str, ...], ...]


Block = Heading | Paragraph | Display | Grid

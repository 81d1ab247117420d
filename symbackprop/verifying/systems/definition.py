"""An equation of a document that introduces a name."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.formula.tree import Formula


@dataclass(frozen=True, slots=True)
class Definition:
    """target[indices] = rhs, resolved; `place` is the number of the piece that says so."""

    target: str
    indices: tuple[Formula, ...]
    whole: bool
    rhs: Formula
    place: int
    label: str = ""
    weak: bool = False

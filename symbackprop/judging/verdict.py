"""Verdicts: what the judge says of a statement.

proved         exact proof (for all sizes where `sizes` is empty)
agrees         equal at all samples or sizes tried, listed in `how`; never printed as proved
refuted        a counterexample, enclosed by ball arithmetic, is given
ill_formed     shapes, index ranges or undeclared symbols do not fit
inconsistent   a definition that contradicts other definitions
misprint       true only after a named repair of the reading
definition     introduces a name; nothing to prove
not_understood could not be read or judged; the reason says why
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "proved",
    "agrees",
    "refuted",
    "ill_formed",
    "inconsistent",
    "misprint",
    "definition",
    "not_understood",
]

ACCEPTED: tuple[Kind, ...] = ("proved", "agrees", "definition")


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Small numbers for which two members of a chain differ: name -> text; `left`, `right` as text."""

    values: tuple[tuple[str, str], ...]
    left: str
    right: str
    sizes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a chain; `members[i]` is that of the i-th member after the first.

    how: the method, the sizes or samples, facts used, in short words for the reader.
    reason: why it is not accepted, or not understood.
    """

    kind: Kind
    how: str = ""
    reason: str = ""
    members: tuple[Verdict, ...] = ()
    counterexample: Counterexample | None = None
    facts: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.kind in ACCEPTED

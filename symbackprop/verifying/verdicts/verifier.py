"""The state of verifying one document: what was found, statement by statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from symbackprop.formula.tree import Formula, Sym
from symbackprop.verifying.contexts.session import Session
from symbackprop.verifying.results import Finding
from symbackprop.verifying.understanding.statement import Understanding


@dataclass(slots=True)
class Verifier:
    """What is said about the statements of one document, by their positions in the list.

    codes, repairs, diagnoses   of wrong statements
    origins                     the equation that a wrong statement inherits its error from
    known                       symbols that a definition, an update or a number knows
    values                      numbers that the document gives to symbols, so far
    left                        seconds of a statement's budget that its verdict did not take
    """

    session: Session
    codes: dict[int, str] = field(default_factory=dict)
    repairs: dict[int, str] = field(default_factory=dict)
    origins: dict[int, str] = field(default_factory=dict)
    diagnoses: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    known: frozenset[Sym] = frozenset()
    values: dict[Formula, Formula] = field(default_factory=dict)
    left: dict[int, float] = field(default_factory=dict)

    @property
    def u(self) -> Understanding:
        """The understood document."""
        return self.session.u

    def where(self, i: int) -> str:
        """How the text names a statement: its label, else its line."""
        s = self.u.statements[i]
        return f"({s.label})" if s.label else f"line {s.piece.line}"

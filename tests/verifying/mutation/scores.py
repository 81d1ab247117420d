"""What the verifier says of edited documents, edit by edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mutation.printed import Edit, Printed
from symbackprop.verifying.results import EquationResult
from symbackprop.verifying.verify import verify

ACCEPTED = ("proved", "agrees", "definition")
FLAGGED = ("refuted", "ill_formed", "misprint", "inconsistent")


@dataclass(frozen=True, slots=True)
class Score:
    """One edit and its verdict. repaired: the first suggestion has the value of the original."""

    document: str
    operator: str
    before: str
    after: str
    lost: bool
    verdict: str
    repair: str
    repaired: bool
    code: str = ""

    @property
    def accepted(self) -> bool:
        return self.verdict in ACCEPTED

    @property
    def flagged(self) -> bool:
        return self.verdict in FLAGGED


def sound(p: Printed) -> frozenset[int]:
    """The displays that are accepted before anything is edited."""
    accepted = {
        e.piece.start for e in verify(p.text).equations if e.piece and e.verdict in ACCEPTED
    }
    return frozenset(k for k, piece in enumerate(p.pieces) if piece.start in accepted)


def batches(edits: list[Edit], size: int) -> Iterator[list[Edit]]:
    """Groups of edits of different displays."""
    left = list(edits)
    while left:
        group: list[Edit] = []
        rest: list[Edit] = []
        for e in left:
            taken = {g.target.piece for g in group}
            (group if len(group) < size and e.target.piece not in taken else rest).append(e)
        yield group
        left = rest


def scored(p: Printed, edits: list[Edit], size: int = 5) -> Iterator[Score]:
    """The scores of the edits, `size` of them in one document."""
    for group in batches(edits, size):
        again: list[Edit] = []
        for edit, result in judged(p, group):
            if result is not None and result.code == "R120" and len(group) > 1:
                again.append(edit)  # like another error of this document: judged alone
            else:
                yield score(p, edit, result)
        for edit in again:
            for _, result in judged(p, [edit]):
                yield score(p, edit, result)


def judged(p: Printed, group: list[Edit]) -> Iterator[tuple[Edit, EquationResult | None]]:
    """The edits of one document with their results."""
    by_latex = {
        e.piece.latex: e for e in verify(p.document(group)).equations if e.piece is not None
    }
    for edit in group:
        yield edit, by_latex.get(edit.latex)


def score(p: Printed, edit: Edit, result: EquationResult | None) -> Score:
    if result is None:
        return Score(p.name, edit.operator, edit.before, edit.after, edit.lost, "absent", "", False)
    first = result.repair.split("  or  ")[0]
    good = bool(first) and p.repaired(edit, first)
    return Score(
        p.name, edit.operator, edit.before, edit.after, edit.lost, result.verdict,
        result.repair, good, result.code,
    )  # fmt: skip

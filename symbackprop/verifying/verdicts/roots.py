"""Root causes: the fewest definitions whose repair mends the most refuted claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from symbackprop.formula.tree import Array, Div, Formula, Neg, Num, Ref, mul
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import Statement

HALF = Div(Num("1"), Num("2"))
FACTORS: tuple[tuple[str, str, Callable[[Formula], Formula]], ...] = (
    ("the factor 1/2", r"\frac{1}{2}", lambda f: mul(HALF, f)),
    ("the factor 2", "2", lambda f: mul(Num("2"), f)),
    ("the opposite sign", "-", lambda f: Neg(f)),
)
"""What a definition may lack (in words, written, as an edit), the cheapest first."""

Judge = Callable[[Statement, dict[int, Definition]], Verdict]


@dataclass(frozen=True, slots=True)
class Root:
    """A definition at fault: what it lacks, the mended one, the statements (positions) it mends.

    written: what is set before the right side. whole: the right side is another one instead, and
    `lacks` says what was wrong with it.
    """

    definition: Definition
    lacks: str
    mended: Definition
    mends: frozenset[int]
    written: str
    whole: bool = False

    def said(self, mends: str) -> str:
        """Why the definition is at fault."""
        if self.whole:
            return f"{self.lacks}: mended, {mends} hold"
        return f"{self.lacks} is missing: with it {mends} hold"


def find_roots(
    statements: list[Statement],
    verdicts: dict[int, Verdict],
    definitions: list[Definition],
    judge: Judge,
    least: int = 2,
) -> tuple[list[Root], frozenset[int]]:
    """Definitions whose mending makes at least `least` refuted statements true and no true one false.

    Also every statement that all of them together mend.
    """
    refuted = [i for i, v in verdicts.items() if v.kind == "refuted"]
    if len(refuted) < least:
        return [], frozenset()
    roots: list[Root] = []
    for d in definitions:
        mine = [
            i
            for i in refuted
            if _mentions(statements[i], d.target) and d not in statements[i].defines
        ]
        if len(mine) < least:
            continue
        mine.sort(key=lambda i: len(statements[i].chain.members))
        good = [
            i for i, v in verdicts.items()
            if v.kind in ("proved", "agrees") and _mentions(statements[i], d.target)
            and d not in statements[i].defines
        ]  # fmt: skip
        best: Root | None = None
        for lacks, written, change in FACTORS:
            mended = replace(d, rhs=change(d.rhs))
            swap = {id(d): mended}
            # Claims with a common slip of sign are likelier than a definition that is upside down.
            enough = max(least, 4) if lacks == "the opposite sign" else least
            mends = _mended(mine, enough, lambda i, swap=swap: judge(statements[i], swap))  # type: ignore[misc]
            if len(mends) < enough or (best is not None and len(mends) <= len(best.mends)):
                continue
            if all(judge(statements[i], swap).kind in ACCEPTED for i in good):
                best = Root(d, lacks, mended, mends, written)
        if best is not None:
            roots.append(best)
    if not roots:
        return [], frozenset()
    together = {id(r.definition): r.mended for r in roots}
    all_mended = frozenset(i for i in refuted if judge(statements[i], together).kind in ACCEPTED)
    return roots, all_mended


def _mended(mine: list[int], enough: int, judge: Callable[[int], Verdict]) -> frozenset[int]:
    """Which statements are accepted now; the search ends where `enough` cannot be reached."""
    mends: set[int] = set()
    for done, i in enumerate(mine, start=1):
        if judge(i).kind in ACCEPTED:
            mends.add(i)
        elif len(mends) + len(mine) - done < enough:
            break
    return frozenset(mends)


def _mentions(s: Statement, name: str) -> bool:
    return s.meant is not None and any(
        isinstance(n, Ref | Array) and n.name == name for n in s.meant.walk()
    )

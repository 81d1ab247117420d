"""Worked examples: a number that is right in itself, but is not what the text defines the name to be.

`δ_2 = -0.447 · -0.2 · (1 - 0.75²) = 0.0391` calculates rightly with a wrong number put in. What a name is worth
follows from its definition and from the numbers before. Authors round on the way, and a text may have other
values than those that were understood; so a far number is called wrong only where the text's other numbers
are near theirs, and only the first one of each name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbackprop.formula.tree import Chain, Formula, Neg, Num, Sym
from symbackprop.judging.verdict import Counterexample, Verdict
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.numeric import fits, value_of
from symbackprop.verifying.verdicts.verifier import Verifier

LONGEST = 10_000
"""Definitions that are longer when all is written out are not calculated."""
LEAST = 2
"""So many numbers at least must be near what their names are worth."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a name is worth at a statement, in digits, and whether the printed number is near it."""

    shown: str
    near: bool


def against_definition(verifier: Verifier, s: Statement, verdict: Verdict) -> Verdict:
    """The verdict on a numeric statement, unless its number is far from what its name is worth."""
    if verdict.kind not in ("agrees", "definition"):
        return verdict
    worth = verifier.session.once("worth", verifier.u, lambda: worths(verifier)).get(id(s))
    if worth is None:
        return verdict
    if worth.near:
        return verdict if verdict.kind == "agrees" else Verdict("agrees", how="by its definition")
    number = printed(s.chain)
    assert number is not None
    shown = str(number.body.text if isinstance(number, Neg) else number.text)  # type: ignore[attr-defined]
    shown = f"-{shown}" if isinstance(number, Neg) else shown
    return Verdict(
        "refuted",
        reason=f"by its definition and the numbers before it is {worth.shown}, not {shown}",
        members=verdict.members,
        counterexample=Counterexample((), worth.shown, shown),
    )


def worths(verifier: Verifier) -> dict[int, Worth]:
    """For each statement (by its identity) that gives a defined name its first number: what the name is worth there."""
    known = definitions(verifier)
    values: dict[Sym, Formula] = {}
    found: dict[int, Worth] = {}
    for s in verifier.u.statements:
        head, number = s.chain.members[0], printed(s.chain)
        if s.sort != "numeric" or not isinstance(head, Sym) or number is None or head in values:
            continue
        for body in known.get(head, ()):
            value = value_of(body, {**one_each(known), **values})
            if value is not None:
                found[id(s)] = Worth(value, fits(body, number, {**one_each(known), **values}))
                break
        values[head] = number
    near = sum(w.near for w in found.values())
    sure = near >= LEAST and near > len(found) - near
    return {i: w for i, w in found.items() if w.near or sure}


def printed(chain: Chain) -> Num | Neg | None:
    """The number at the end of a chain of equalities."""
    last = chain.members[-1]
    bare = last.body if isinstance(last, Neg) else last
    whole = all(r in ("=", "approx") for r in chain.relations) and chain.relations
    return last if whole and isinstance(bare, Num) else None  # type: ignore[return-value]


def definitions(verifier: Verifier) -> dict[Sym, tuple[Formula, ...]]:
    """What the document's definitions of names without open indices say, the first of each name."""
    found: dict[Sym, tuple[Formula, ...]] = {}
    sizes: dict[Sym, int] = {}
    for s in verifier.u.statements:
        head, *rest = s.chain.members
        if not isinstance(head, Sym) or s.sort not in ("definition", "cost") or not rest:
            continue
        size = max(
            sum(sizes.get(n, 1) if isinstance(n, Sym) else 1 for n in m.walk()) for m in rest
        )
        if head not in found and size <= LONGEST:
            found[head], sizes[head] = tuple(rest), size
    return found


def one_each(known: Mapping[Sym, tuple[Formula, ...]]) -> dict[Sym, Formula]:
    """The last form of each: the first ones may be derivatives."""
    return {head: forms[-1] for head, forms in known.items()}


__all__ = ["against_definition", "definitions", "one_each"]

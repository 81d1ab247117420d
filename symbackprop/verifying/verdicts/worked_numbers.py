"""Worked examples: a number that is right in itself, but is not what its left side is worth.

`∂L/∂w_21 = 0.555 · 0.475 = 0.263` calculates rightly, with a wrong number put in. What a name or a derivative is
worth follows from the network and from the numbers before. Authors round on the way, and a text may have other
values than those that were understood; so a far number is called wrong only where the text's other numbers
are near theirs, else it is left open. Only the first number of each left side is looked at, until weights change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from symbackprop.formula.tree import Chain, Deriv, Formula, Neg, Num, Sym
from symbackprop.judging.arena import Key
from symbackprop.judging.verdict import ACCEPTED, Counterexample, Verdict
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.model_values import key_of, meant, model_value
from symbackprop.verifying.verdicts.numeric import fits, value_of
from symbackprop.verifying.verdicts.verifier import Verifier

LONGEST = 10_000
"""Definitions that are longer when all is written out are not calculated."""
LEAST = 2
"""So many numbers at least must be near what their left sides are worth."""
NEAR = 0.05
MOST = 60
"""So many numbers of a document are looked at."""
ROUND = re.compile(
    r"\b(?:after|afterwards|updat\w+|new|again|iterations?|epochs?|rounds?|once more|danach|neue?)\b|更新|之后|迭代",
    re.IGNORECASE,
)
"""Prose after which a name may have another value: weights have changed."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a left side is worth at a statement, in digits; whether the number is near, and the others are."""

    shown: str
    near: bool
    sure: bool = False


def against_definition(verifier: Verifier, s: Statement, verdict: Verdict) -> Verdict:
    """The verdict on a calculation, unless its number is far from what its left side is worth."""
    if verdict.kind not in ("agrees", "definition"):
        return verdict
    worth = verifier.session.once("worth", verifier.u, lambda: worths(verifier)).get(id(s))
    if worth is None:
        return verdict
    if worth.near:
        return verdict if verdict.kind == "agrees" else Verdict("agrees", how="by its definition")
    shown = _text(s.chain.members[-1])
    reason = (
        f"by the definitions and the numbers before the left side is {worth.shown}, not {shown}"
    )
    if not worth.sure:
        return verdict if verdict.kind == "definition" else Verdict(
            "not_understood", reason=reason, members=verdict.members
        )  # fmt: skip
    example = Counterexample((), worth.shown, shown)
    members = verdict.members
    if members and members[-1].kind in ACCEPTED:
        last = Verdict("refuted", reason=reason, counterexample=example)
        members = (*members[:-1], last)
    return Verdict("refuted", reason=reason, members=members, counterexample=example)


def worths(verifier: Verifier) -> dict[int, Worth]:
    """For each statement (by its identity) that gives its left side its first number: what that is worth."""
    known = definitions(verifier)
    values: dict[Sym, Formula] = {}
    given: dict[Key, Fraction] = {}
    seen: set[Formula] = set()
    found: dict[int, Worth] = {}
    for s in verifier.u.statements:
        if s.sort == "update" or (seen and ROUND.search(s.piece.before)):
            break
        head, number = s.chain.members[0], printed(s.chain)
        if number is None or head in seen or not isinstance(head, Sym | Deriv):
            continue
        seen.add(head)
        resolved = meant(verifier, head)
        worth = _by_text(head, number, known, values)
        if worth is None and resolved is not None and len(found) < MOST:
            value = model_value(verifier, s, resolved, given)
            if value is not None:
                worth = Worth(f"{value:.5g}", _near(value, number))
        if worth is not None:
            found[id(s)] = worth
        key = key_of(resolved)
        if isinstance(head, Sym):
            values[head] = number
            if key is not None and (worth is None or worth.near):
                given[key] = _value(number)
    near = sum(w.near for w in found.values())
    sure = near >= LEAST and near > len(found) - near
    return {i: Worth(w.shown, w.near, sure) for i, w in found.items()}


def _by_text(
    head: Formula,
    number: Num | Neg,
    known: Mapping[Sym, tuple[Formula, ...]],
    values: Mapping[Sym, Formula],
) -> Worth | None:
    """What a name is worth by the definitions as they are written."""
    if not isinstance(head, Sym):
        return None
    every = {**one_each(known), **values}
    for body in known.get(head, ()):
        value = value_of(body, every)
        if value is not None:
            return Worth(value, fits(body, number, every))
    return None


def _near(value: float, number: Num | Neg) -> bool:
    """But for rounding: a twentieth, or a unit of the last digit."""
    text = _text(number)
    digits = len(text.split(".")[1]) if "." in text and "e" not in text.lower() else 0
    off = abs(value - float(_value(number)))
    return bool(off <= NEAR * max(abs(value), abs(float(_value(number)))) or off <= 10.0**-digits)


def _value(number: Num | Neg) -> Fraction:
    return Fraction(_text(number))


def _text(f: Formula) -> str:
    if isinstance(f, Neg):
        return f"-{_text(f.body)}"
    return f.text if isinstance(f, Num) else ""


def printed(chain: Chain) -> Num | Neg | None:
    """The number at the end of a chain of equalities; None if letters stand before it."""
    last = chain.members[-1]
    bare = last.body if isinstance(last, Neg) else last
    whole = all(r in ("=", "approx") for r in chain.relations) and chain.relations
    lettered = any(isinstance(n, Sym) for m in chain.members[1:] for n in m.walk())
    return last if whole and isinstance(bare, Num) and not lettered else None  # type: ignore[return-value]


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


__all__ = ["ROUND", "against_definition", "definitions", "one_each"]

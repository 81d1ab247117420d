"""Other readings of a statement that does not hold as written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Chain,
    Deriv,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Prod,
    Sum,
    Sym,
)
from symbackprop.verifying.charity.reading import Reading, swap
from symbackprop.verifying.names.letters import FRESH, latex_of
from symbackprop.verifying.understanding.statement import Statement, Understanding


def readings(s: Statement, u: Understanding, chain: Chain) -> Iterator[Reading]:
    """Other readings of a written chain, the likeliest first."""
    yield from _sum_reach(chain)
    yield from _hadamard_for_dot(chain)
    yield from _missing_layer(chain, u)
    yield from _captured(chain)
    layered = list(_missing_layer(chain, u))
    for one in layered:
        for two in _hadamard_for_dot(one.chain):
            yield Reading(two.code, f"{one.message}, and {two.message}", two.chain)


def _sum_reach(c: Chain) -> Iterator[Reading]:
    """`sum_n a_n - b_n`: the sum goes over the whole difference."""
    changed = False

    def change(n: Formula) -> Formula | None:
        nonlocal changed
        if isinstance(n, Add):
            for i, t in enumerate(n.terms):
                body = t.body if isinstance(t, Neg) else t
                if isinstance(body, Sum) and i + 1 < len(n.terms) and not isinstance(t, Neg):
                    changed = True
                    inner = Add((body.body, *n.terms[i + 1 :]))
                    whole = replace(body, body=inner)
                    return Add((*n.terms[:i], whole)) if i else whole
        return None

    new = c.rewrite(change)
    if changed and isinstance(new, Chain):
        yield Reading(
            "M211", "the sum is meant to run over the whole sum of terms (brackets missing)", new
        )


def _hadamard_for_dot(c: Chain) -> Iterator[Reading]:
    """A dot between two vectors where the entry-by-entry product is meant."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, MatMul) and len(n.factors) == 2:
            return Hadamard(tuple(x.rewrite(change) for x in n.factors))
        if isinstance(n, Mul) and len(n.factors) >= 2 and any(s == "cdot" for s in n.signs):
            return Hadamard(n.factors)
        return None

    new = c.rewrite(change)
    if new != c and isinstance(new, Chain):
        yield Reading("M212", "the product is meant entry by entry (⊙)", new)


def _missing_layer(c: Chain, u: Understanding) -> Iterator[Reading]:
    """`∂C/∂z` beside `δ^L`: the layer is left out."""
    head = c.members[0]
    if not isinstance(head, Sym) or not head.sup:
        return
    families = {x.base for x in u.resolver.symbols.symbols if x.sup and x.base != head.base}
    change: dict[Formula, Formula] = {}
    for n in c.walk():
        if isinstance(n, Sym) and not n.sup and not n.sub and n.base in families and n != head:
            change[n] = replace(n, sup=head.sup)
    for n in c.walk():
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Sym):
            change.pop(n.of, None)
    if change:
        old, new = next(iter(change.items()))
        assert isinstance(old, Sym)
        assert isinstance(new, Sym)
        yield Reading("M213", f"{latex_of(old)} lacks its layer: {latex_of(new)}", swap(c, change))


def _captured(c: Chain) -> Iterator[Reading]:
    """A letter that is free on the left and bound by a sum on the right stands for two things."""
    free = {
        t
        for n in c.members[0].walk()
        if isinstance(n, Sym)
        for t in (*n.sub, *n.sup)
        if len(t) == 1
    }
    bound = {n.index.name for m in c.members[1:] for n in m.walk() if isinstance(n, Sum | Prod)}
    for letter in sorted(free & bound):

        def change(n: Formula, letter: str = letter) -> Formula | None:
            if isinstance(n, Deriv | Grad):
                # what is differentiated may sum over the letter; what it is differentiated by may not
                return replace(n, of=_rename_bound(n.of, letter, FRESH))
            if isinstance(n, Sum) and n.index.name == letter:
                return _outer_sum(n, letter)
            return None

        new = c.rewrite(change)
        if new != c and isinstance(new, Chain):
            yield Reading(
                "M214",
                f"the letter {letter} is used for two things; the sum needs one of its own",
                new,
            )


def _rename_bound(f: Formula, old: str, new: str) -> Formula:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sum | Prod) and n.index.name == old:
            return replace(n, index=Idx(new), body=_rename_letters(n.body, old, new))
        return None

    return f.rewrite(change)


def _rename_letters(f: Formula, old: str, new: str) -> Formula:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym):
            sub = tuple(new if t == old else t for t in n.sub)
            sup = tuple(new if t == old else t for t in n.sup)
            return replace(n, sub=sub, sup=sup)
        if isinstance(n, Idx) and n.name == old:
            return Idx(new)
        return None

    return f.rewrite(change)


def _outer_sum(n: Sum, letter: str) -> Formula:
    """The sum with its own letter, which its arguments of samples take; the parameter keeps the free one."""
    fresh = FRESH

    def inside(x: Formula) -> Formula | None:
        if isinstance(x, Deriv):
            return replace(x, of=_rename_letters(x.of, letter, fresh))
        return None

    return replace(n, index=Idx(fresh), body=n.body.rewrite(inside))

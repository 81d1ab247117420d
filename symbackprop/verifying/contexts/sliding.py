r"""Ends of convolutions: `Σ_k δ_{j-k} w_k` beside `z_i = Σ_k w_k x_{i+k}`.

Where a definition reads `x_{i+k}`, claims read back at `j - k`, which near the ends is the place of no
entry. Authors mean that such entries count as 0; so does the sum over all i with `i + k = j`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from symbackprop.formula.tree import (
    Add,
    Bracket,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    Mul,
    Neg,
    Num,
    Ref,
    Sum,
)
from symbackprop.system.model import Axis
from symbackprop.verifying.contexts.session import Context
from symbackprop.verifying.names.letters import FRESH
from symbackprop.verifying.systems.rename import from_sympy

AT_THE_ENDS = "near the ends it speaks of entries that do not exist"


def slides(context: Context) -> bool:
    """Whether an equation reads a quantity at a sum of two letters that run over units."""
    for e in context.system.equations:
        for x in e.rhs.atoms(sp.Indexed):
            for at in x.indices:
                if len([s for s in at.free_symbols if s not in context.system.sizes]) > 1:
                    return True
    return False


def with_zeros(chain: Chain, context: Context) -> Chain | None:
    """The claim with 0 for each entry `δ_{j-k}` that does not exist; None where it has no such."""
    changed = False

    def change(n: Formula, derivatives: bool) -> Formula | None:
        nonlocal changed
        ends: list[_Ends] = []
        value = n
        if isinstance(n, Grad) or (isinstance(n, Deriv) and not derivatives):
            return n
        if isinstance(n, Deriv):
            padded = [_padded(x, context, ends) for x in (n.of, n.by)]
            value = replace(n, of=padded[0], by=padded[1])
        elif isinstance(n, Ref):
            value = _padded(n, context, ends)
        if not ends:
            return n if isinstance(n, Deriv) else None
        changed = True
        value = Mul((*(Bracket(Chain((x.place, x.meant), ("=",))) for x in ends), value))
        for x in ends:
            value = Sum(value, x.place, x.low, x.high)
        return value

    members = [
        m.rewrite(lambda n, later=k > 0: change(n, later))  # type: ignore[misc]
        for k, m in enumerate(chain.members)
    ]
    return Chain(tuple(members), chain.relations, span=chain.span) if changed else None


@dataclass(frozen=True, slots=True)
class _Ends:
    """A letter for the place that is meant, and how far the axis runs there."""

    place: Idx
    meant: Formula
    low: Formula
    high: Formula


def _padded(n: Formula, context: Context, ends: list[_Ends]) -> Formula:
    """The entry at fresh letters in place of differences, which join `ends`."""
    if not isinstance(n, Ref) or not any(_difference(i) for i in n.indices):
        return n
    axes = _axes(n.name, len(n.indices), context)
    indices = list(n.indices)
    found: list[_Ends] = []
    for k, i in enumerate(n.indices):
        if not _difference(i):
            continue
        axis = axes[k] if k < len(axes) else None
        if axis is None or axis.kind != "unit":
            return n
        low, high = from_sympy(axis.lower, {}), from_sympy(axis.upper, {})
        if low is None or high is None:
            return n
        place = indices[k] = Idx(FRESH + "'" * (len(ends) + len(found)))
        found.append(_Ends(place, i, low, high))
    ends += found
    return Ref(n.name, tuple(indices))


def at_the_ends(chain: Chain) -> bool:
    """Whether a claim reads at places next to its own, `δ_{j-1}`: that is for inner places."""
    return any(isinstance(n, Ref) and any(_next_to(i) for i in n.indices) for n in chain.walk())


def _difference(f: Formula) -> bool:
    """Whether an index is a sum or difference of several letters."""
    if not isinstance(f, Add):
        return False
    letters = [n for t in f.terms for n in t.walk() if isinstance(n, Idx)]
    return len(letters) > 1 and all(
        isinstance(n, Idx | Num | Neg | Mul) for t in f.terms for n in t.walk()
    )


def _next_to(f: Formula) -> bool:
    return isinstance(f, Add) and any(
        isinstance(t, Neg) and isinstance(t.body, Num) for t in f.terms
    )


def _axes(name: str, count: int, context: Context) -> list[Axis | None]:
    """The axes of a quantity, of its error, or of what a named formula has for its letters."""
    q = context.system.by_name.get(name.removeprefix("d."))
    if q is not None:
        return list(q.axes) if len(q.axes) == count else []
    letters, formula = context.named.get(name, ((), Num("0")))
    found: dict[str, Axis] = {}
    for n in formula.walk():
        of = context.system.by_name.get(n.name) if isinstance(n, Ref) else None
        if of is not None and isinstance(n, Ref):
            for i, axis in zip(n.indices, of.axes, strict=False):
                if isinstance(i, Idx):
                    found.setdefault(i.name, axis)
    return [found.get(x) for x in letters] if len(letters) == count else []

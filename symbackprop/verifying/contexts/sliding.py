r"""Ends of convolutions: `Σ_k δ_{j-k} w_k` beside `z_i = Σ_k w_k x_{i+k}`.

Where a definition reads `x_{i+k}`, claims read back at `j - k`, which near the ends is the place of no
entry. Authors mean that such entries count as 0; so does the sum over all i with `i + k = j`.
"""

from __future__ import annotations

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

    def change(n: Formula) -> Formula | None:
        nonlocal changed
        if isinstance(n, Deriv | Grad):
            return n
        if not isinstance(n, Ref) or len(n.indices) != 1 or not _difference(n.indices[0]):
            return None
        axis = _axis(n.name, context)
        if axis is None or axis.kind != "unit":
            return None
        low, high = from_sympy(axis.lower, {}), from_sympy(axis.upper, {})
        if low is None or high is None:
            return None
        changed = True
        place = Idx(FRESH)
        here = Bracket(Chain((place, n.indices[0]), ("=",)))
        return Sum(Mul((here, Ref(n.name, (place,)))), place, low, high)

    new = chain.rewrite(change)
    return new if changed and isinstance(new, Chain) else None


def at_the_ends(chain: Chain) -> bool:
    """Whether a claim reads at places next to its own, `δ_{j-1}`: that is for inner places."""
    return any(isinstance(n, Ref) and any(_next_to(i) for i in n.indices) for n in chain.walk())


def _difference(f: Formula) -> bool:
    if not isinstance(f, Add):
        return False
    plus = [t for t in f.terms if isinstance(t, Idx)]
    minus = [t for t in f.terms if isinstance(t, Neg) and isinstance(t.body, Idx)]
    rest = [t for t in f.terms if not isinstance(t, Idx) and t not in minus]
    plain = all(
        isinstance(t, Num) or (isinstance(t, Neg) and isinstance(t.body, Num)) for t in rest
    )
    return bool(plus) and bool(minus) and plain


def _next_to(f: Formula) -> bool:
    return isinstance(f, Add) and any(
        isinstance(t, Neg) and isinstance(t.body, Num) for t in f.terms
    )


def _axis(name: str, context: Context) -> Axis | None:
    """The axis of a quantity with one, of its error, or of what a named formula has for its letter."""
    q = context.system.by_name.get(name.removeprefix("d."))
    if q is not None:
        return q.axes[0] if len(q.axes) == 1 else None
    letters, formula = context.named.get(name, ((), Num("0")))
    for n in formula.walk():
        of = context.system.by_name.get(n.name) if isinstance(n, Ref) else None
        if of is not None and isinstance(n, Ref):
            for i, axis in zip(n.indices, of.axes, strict=False):
                if letters and i == Idx(letters[0]):
                    return axis
    return None

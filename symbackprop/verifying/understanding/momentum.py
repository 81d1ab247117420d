r"""Values at the steps of an algorithm: the w_k of `v_k = β v_{k-1} + g_k`, `w_k = w_{k-1} - η v_k` beside `J(w)`.

They are no entries of w and no times of a network: they get a letter of their own. How the steps are made
is said and not judged; nor is what else is said of these values. A plain step `w_{k+1} = w_k - η ∂J/∂w`
is an update, and none of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.documents.scan import Piece
from symbackprop.formula.tree import Add, Call, Chain, Deriv, Formula, Grad, Sym
from symbackprop.verifying.understanding.differentials import RATES
from symbackprop.verifying.understanding.scopes import HEADING
from symbackprop.verifying.understanding.statement import Statement

OWN = "iterate"
"""The accent of values at a step: they are another quantity than the letter alone."""

STEPS = ("k", "t", "n")
UNJUDGED = "the values at the steps of an algorithm are not judged"


def separate_iterates(statements: Sequence[Statement], pieces: Sequence[Piece]) -> None:
    """Gives the values at the steps of momentum and its kin a letter of their own."""
    by = {
        n.by for s in statements for n in s.chain.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.by, Sym) and n.by == Sym(n.by.base)
    }  # fmt: skip
    by |= {
        s.chain.members[0] for s in statements
        if s.chain.relations[:1] == ("<-",) and isinstance(s.chain.members[0], Sym)
    }  # fmt: skip
    plain = {n for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    states = {b for s in statements if (b := _recurs(s.chain))}
    steps = {id(s): found for s in statements if (found := _step(s.chain, states))}
    bases = {(w, k) for w, k in steps.values() if Sym(w) in by or _in_cost(w, statements)}
    bases = {(w, k) for w, k in bases if Sym(w) in plain}
    if not bases:
        return
    letters = {k for _, k in bases}

    def change(n: Formula) -> Formula | None:
        if (
            isinstance(n, Sym)
            and not n.sup
            and any(n.base == w and _at(n.sub, k) for w, k in bases)
        ):
            return replace(n, accent=OWN)
        return None

    last: Statement | None = None
    for s in statements:
        chain = s.chain.rewrite_members(change)
        if id(s) in steps and steps[id(s)] in bases and _is_new(s, last, pieces, *steps[id(s)]):
            s.sort, last = "fact", s
        elif chain != s.chain and s.chain.relations:
            s.reason = s.reason or UNJUDGED
        elif _is_gradient(s.chain, letters):
            s.sort = "fact"  # at another place in each step
        s.chain = chain


def of_an_algorithm(s: Statement) -> bool:
    """Whether a statement says how an algorithm goes on from step to step: its η is a learning rate."""
    own = any(isinstance(n, Sym) and n.accent == OWN for n in s.chain.walk())
    return own or bool(_recurs(s.chain))


def _step(c: Chain, states: set[str]) -> tuple[str, str] | None:
    """The letter and the step of `w_k = w_{k-1} - η …`, `w_{k+1} = w_k + v_k`; None for anything else.

    states: letters of what an algorithm carries on, as the velocity v_k.
    """
    old = _before(c)
    if old is None or not isinstance(c.members[1], Add) or old not in c.members[1].terms:
        return None
    rest = [t for t in c.members[1].terms if t != old]
    outside = {n.base for t in rest for n in _factors(t) if isinstance(n, Sym)}
    return (old.base, old.sub[0]) if outside & (RATES | (states - {old.base})) else None


def _recurs(c: Chain) -> str:
    """The v of `v_k = β v_{k-1} + …`; "" for anything else."""
    old = _before(c)
    if old is None or not isinstance(c.members[1], Add):
        return ""
    return old.base if any(n == old for t in c.members[1].terms for n in _factors(t)) else ""


def _before(c: Chain) -> Sym | None:
    """`w_{k-1}` of a statement about `w_k`, `w_k` of one about `w_{k+1}`."""
    if len(c.members) < 2 or c.relations[0] not in ("=", ":="):
        return None
    head = c.members[0]
    if not isinstance(head, Sym) or head.sup or head.accent or head.primes or not head.sub:
        return None
    letter = head.sub[0]
    if letter not in STEPS or head.sub not in ((letter,), (letter, "+", "1")):
        return None
    below = (letter, "-", "1") if head.sub == (letter,) else (letter,)
    return replace(head, sub=below, span=None)


def _factors(f: Formula) -> list[Formula]:
    """What stands outside functions."""
    if isinstance(f, Call | Sym):
        return [f]
    return [n for x in f.children() for n in _factors(x)]


def _in_cost(base: str, statements: Sequence[Statement]) -> bool:
    """Whether the letter alone stands in a quantity that the text takes gradients of."""
    of = {n.of for s in statements for n in s.chain.walk() if isinstance(n, Deriv | Grad)}
    return any(
        s.chain.relations and s.chain.members[0] in of
        and any(n == Sym(base) for m in s.chain.members[1:] for n in m.walk())
        for s in statements
    )  # fmt: skip


def _at(sub: tuple[str, ...], letter: str) -> bool:
    """`_k`, `_{k-1}`, `_{k+1}`, `_0`."""
    return sub[:1] == (letter,) or (len(sub) == 1 and sub[0].isdigit())


def _is_new(
    s: Statement, last: Statement | None, pieces: Sequence[Piece], base: str, letter: str
) -> bool:
    """Whether a step says how the algorithm goes: the first one, and the first under a heading."""
    old = {
        n.sub
        for m in s.chain.members[1:]
        for n in m.walk()
        if isinstance(n, Sym) and n.base == base
    }
    if len(old) != 1:
        return False
    if last is None:
        return True
    between = pieces[last.place + 1 : s.place + 1]
    return any(HEADING.search(p.before) for p in between)


def _is_gradient(c: Chain, letters: set[str]) -> bool:
    r"""`g_k = \nabla J(w_{k-1})`: the gradient at the place of step k."""
    if (
        len(c.members) != 2
        or c.relations[0] not in ("=", ":=")
        or not isinstance(c.members[0], Sym)
    ):
        return False
    if c.members[0].sub not in {(x,) for x in letters}:
        return False
    nodes = list(c.members[1].walk())
    slopes = any(
        isinstance(n, Deriv | Grad) or (isinstance(n, Call) and n.name == "nabla") for n in nodes
    )
    return slopes and not any(isinstance(n, Sym) and set(n.sub) & letters for n in nodes)


__all__ = ["of_an_algorithm", "separate_iterates"]

r"""Costs with a part that the text leaves open: `C = C_0 + \frac{λ}{2n} Σ w²`, `J = \frac1m Σ L(ŷ, y)`.

What nothing defines stands in a System as a number of its own, and its derivatives there are 0. For a
part of a cost this is never what is meant: with it `∂C/∂w = \frac{λ}{n} w` would be proved.
"""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.formula.tree import (
    Add,
    Array,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    Mul,
    Neg,
    Ref,
    Sum,
)
from symbackprop.verifying.contexts.session import Context, Session, reads_of
from symbackprop.verifying.names.letters import COSTS

WORDS = frozenset({"mse", "sse", "loss", "cost", "err", "error", "ce", "bce", "nll", "data"})
"""Names of several letters that costs have."""


def open_part(session: Session, chain: Chain, context: Context) -> str:
    """The undefined part of a cost that a claim differentiates, "" if there is none."""
    for of, by in _differentiated(chain, context):
        above = {of} | context.upstream.get(of, frozenset())
        for d in session.u.definitions:
            if d.target not in above or not _is_cost(session, d.target):
                continue
            for part in _parts(d.rhs):
                name = part.name
                told = name in context.defined or name in context.named or name in by
                if name in above and not told and _is_cost(session, name):
                    return name
    return ""


def _differentiated(chain: Chain, context: Context) -> Iterator[tuple[str, set[str]]]:
    """What a claim differentiates, and by what."""
    cost = context.system.cost
    if chain.relations == ("<-",):
        yield cost, set()
    for n in chain.walk():
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref | Array):
            by = reads_of(n.by)
            yield n.of.name, by
        elif isinstance(n, Ref | Array) and n.name.startswith("d."):
            yield cost, {n.name.removeprefix("d.")}


def _parts(f: Formula) -> Iterator[Ref | Array]:
    """The names that stand as terms of a formula, with constant factors or summed."""
    if isinstance(f, Ref | Array):
        yield f
    elif isinstance(f, Add):
        for t in f.terms:
            yield from _parts(t)
    elif isinstance(f, Neg | Sum):
        yield from _parts(f.body)
    elif isinstance(f, Div):
        yield from _parts(f.num)
    elif isinstance(f, Mul):
        for t in f.factors:
            yield from _parts(t)


def _is_cost(session: Session, name: str) -> bool:
    letter = session.letter_of(name)
    return letter in COSTS or letter.lower() in WORDS

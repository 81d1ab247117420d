"""A statement with every symbol resolved."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Call, Chain, Formula, Mul, Ref, Sym
from symbackprop.verifying.names.resolve import Unclear
from symbackprop.verifying.understanding.statement import Statement, Understanding


def find_meaning(s: Statement, u: Understanding) -> None:
    s.chain = _argument_is_a_number(_of_any_number(s.chain, u))
    head = s.chain.members[0]
    if isinstance(head, Sym) and head.primes and head.base in KNOWN:
        s.reason = f"a derivative of {head.base} without its argument"
        return
    try:
        meant = u.resolver(s.chain)
    except (Unclear, SymbackpropError) as error:
        s.reason = getattr(error, "reason", "") or getattr(error, "message", "not understood")
        return
    assert isinstance(meant, Chain)
    s.meant = meant


ARGUMENT = Ref("arg")
KNOWN = frozenset({"exp", "log", "tanh", "sin", "cos", "sinh", "cosh", "erf"})
"""Functions that everybody knows: their derivatives are no new names."""


def _product(f: Formula, name: str) -> Formula | None:
    """`σ (1 - σ)` where σ has no arguments is a product."""
    if not isinstance(f, Call) or f.name != name or f.primes or len(f.args) != 1:
        return None
    if not any(isinstance(n, Sym) and n.base == name for n in f.args[0].walk()):
        return None
    return Mul((Sym(name), f.args[0]), span=f.span)


def _of_any_number(chain: Chain, u: Understanding) -> Chain:
    """`σ' = σ (1 - σ)` without arguments speaks of the function at any number."""
    head = chain.members[0]
    if not isinstance(head, Sym) or head.primes != 1 or head.sub or head.sup:
        return chain
    if head.base not in u.resolver.functions and head.base not in KNOWN:
        return chain
    chain = chain.rewrite(lambda n: _product(n, head.base))  # type: ignore[assignment]
    names = {head.base, *KNOWN}
    if any(isinstance(n, Sym) and (n.base not in names or n.sub or n.sup) for n in chain.walk()):
        return chain
    return chain.rewrite_members(
        lambda n: Call(n.base, (ARGUMENT,), n.primes, span=n.span) if isinstance(n, Sym) else None
    )


def _argument_is_a_number(chain: Chain) -> Chain:
    """`f'(x) = f(x)(1 - f(x))` speaks of any number x, whatever x is elsewhere."""
    symbols = {n for n in chain.walk() if isinstance(n, Sym)}
    if len(symbols) != 1 or not any(isinstance(n, Call) for n in chain.walk()):
        return chain
    only = next(iter(symbols))
    if only.sub or only.sup or chain.members[0] == only:
        return chain
    return chain.rewrite_members(lambda n: replace(ARGUMENT, span=n.span) if n == only else None)

r"""Functions of layers by their names: "`g^{[l]} = ReLU` for `l < L` and `g^{[L]} = σ`".

Where `g^{[l]}` is applied, that says `g^{[L]}(v) = σ(v)`.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.formula.tree import Call, Chain, Num, Sym
from symbackprop.verifying.understanding.statement import Statement

NAMED = frozenset(["sigma", "sigmoid", "relu", "tanh", "softplus", "identity", "phi", "varphi"])
ARGUMENT = Sym("v")


def read_functions_of_layers(statements: Sequence[Statement]) -> None:
    """Writes an argument at such names."""
    applied = {n.name for s in statements for n in s.chain.walk() if isinstance(n, Call)}
    for s in statements:
        found = _equal(s.chain)
        if found is None or not any(a.startswith(f"{found[0].base}^{{") for a in applied):
            continue
        value = (
            Call("max", (Num("0"), ARGUMENT)) if found[1] == "relu" else Call(found[1], (ARGUMENT,))
        )
        members = (Call(_name(found[0]), (ARGUMENT,)), value)
        s.chain = Chain(members, s.chain.relations, span=s.chain.span)


def _equal(c: Chain) -> tuple[Sym, str] | None:
    """The `g^{[L]}` and the σ of `g^{[L]} = σ`."""
    if len(c.members) != 2 or c.relations[0] not in ("=", ":="):
        return None
    head, value = c.members
    if not isinstance(head, Sym) or not isinstance(value, Sym) or value != Sym(value.base):
        return None
    bracketed = len(head.sup) == 3 and head.sup[0] in "([" and not head.sub
    return (head, value.base) if bracketed and value.base in NAMED else None


def _name(s: Sym) -> str:
    """As the reader names an applied function with scripts."""
    return f"{s.base}^{{{' '.join(s.sup)}}}"


__all__ = ["read_functions_of_layers"]

r"""Names that stand behind what they are for: `\frac{∂E}{∂u_j} = y_j - t_j := e_j`, after which e_j is used.

Only for derivatives of a cost that the text defines, and for a letter of which nothing was said before:
anything else on the right side is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.formula.tree import Chain, Deriv, Formula, Grad, Mul, Sym
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.understanding.statement import Statement, has_derivative

_EQUAL = frozenset({"=", ":=", "equiv"})


def name_from_behind(statements: Sequence[Statement]) -> None:
    """Puts such a name first: `e_j = ∂E/∂u_j = y_j - t_j`."""
    for s in statements:
        s.chain = _without_word(s.chain)
    if not any(_ends_in_a_name(s.chain) for s in statements):
        return
    heads = {s.chain.members[0] for s in statements if s.chain.relations}
    known = {
        (n.base, n.accent)
        for s in statements
        if not has_derivative(s.chain.members[0])
        for n in s.chain.walk()
        if isinstance(n, Sym)
    }
    for k, s in enumerate(statements):
        c = s.chain
        if not _ends_in_a_name(c) or _cost(c.members[0]) not in heads:
            continue
        last = c.members[-1]
        assert isinstance(last, Sym)
        name = (last.base, last.accent)
        said = _mentioned(name, statements[:k]) or any(_mentions(name, m) for m in c.members[:-1])
        told = c.relations[-1] in (":=", "equiv") or _mentioned(name, statements[k + 1 :])
        if name not in known and not said and told:
            s.chain = Chain((last, *c.members[:-1]), ("=",) * len(c.relations), span=c.span)
            known.add(name)


def _without_word(c: Chain) -> Chain:
    r"""`\frac{∂E}{∂h} = \sum_j e_j v_j := EH` without the name, a word of letters."""
    last = c.members[-1]
    word = isinstance(last, Mul) and all(
        isinstance(x, Sym) and x == Sym(x.base) for x in last.factors
    )
    if len(c.members) < 3 or not word or not isinstance(c.members[0], Deriv | Grad):
        return c
    if c.relations[-1] not in (":=", "equiv"):
        return c
    return Chain(c.members[:-1], c.relations[:-1], span=c.span)


def _ends_in_a_name(c: Chain) -> bool:
    return (
        bool(c.relations)
        and set(c.relations) <= _EQUAL
        and isinstance(c.members[0], Deriv | Grad)
        and isinstance(c.members[-1], Sym)
        and not any(t.isdigit() for t in c.members[-1].sub)
    )


def _cost(f: Formula) -> Formula | None:
    assert isinstance(f, Deriv | Grad)
    return f.of if isinstance(f.of, Sym) and f.of.base in COSTS and f.of == Sym(f.of.base) else None


def _mentioned(name: tuple[str, str], statements: Sequence[Statement]) -> bool:
    return any(_mentions(name, s.chain) for s in statements)


def _mentions(name: tuple[str, str], f: Formula) -> bool:
    return any(isinstance(n, Sym) and (n.base, n.accent) == name for n in f.walk())


__all__ = ["name_from_behind"]

r"""Examples beside the matrix of all of them: `z^{[1](i)} = W x^{(i)} + b` and `Z^{[1]} = W X + b`.

The examples are the columns of the matrices. What is said of any column, entry by entry or behind a
weight matrix, is said of the matrix; a sum over the examples is a product with ones, and one of
outer products is a product of matrices. Everything else stays as it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Ones,
    Pow,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.understanding.differentials import shorthand_of
from symbackprop.verifying.understanding.statement import Statement

APART = "one example and the matrix of all of them are computed differently"


def stack_examples(statements: Sequence[Statement]) -> None:
    """Rewrites statements about one example as statements about the matrices of all examples."""
    symbols = {n for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    heads = {s.chain.members[0] for s in statements if s.chain.relations}
    written = [s.chain for s in statements]
    layered = {_any_layer(s) for s in heads if isinstance(s, Sym)} - {NO_LAYER}

    def known(whole: Sym) -> bool:
        return whole in symbols or _any_layer(whole) in layered

    columns = {
        s: whole for s in symbols if example_of(s) and known(whole := _whole(s))
    }  # fmt: skip
    defined = any(s in heads and columns[s] in heads for s in columns if not _is_name(s))
    entries = {
        s: replace(whole, sub=(*s.sub, example_of(s))) for s in symbols
        if example_of(s) and len(s.sub) == 1 and known(whole := _whole(replace(s, sub=())))
    }  # fmt: skip
    own = {*columns, *entries} & heads
    plain = [*columns.values(), *(_whole(replace(s, sub=())) for s in entries)]
    computed = heads & {*plain} or layered & {*map(_any_layer, plain)}
    behind = {p.base for p in plain} | {"X"}
    if not defined and (
        any(not _is_name(s) for s in own) or not computed or not _on_the_right(written, behind)
    ):
        return  # columns that the text defines, and the matrices not; or the examples are rows
    meaning = shorthand_of(statements)
    if meaning is not None and meaning.size is not None and not meaning.shared:
        return  # dZ holds the factor 1/m, dz^{(i)} does not
    bodies = [n.body for c in written if _is_cost(c) for n in c.walk() if isinstance(n, Sum)]
    for s in statements:
        here = {n for n in s.chain.walk() if isinstance(n, Sym) and example_of(n)}
        if here and here <= {*entries} and not defined:
            s.chain = s.chain.rewrite_members(
                lambda n: entries.get(n) if isinstance(n, Sym) else None
            )
            continue
        if not any(n in columns for n in here) or (not defined and _is_cost(s.chain)):
            continue
        if _says_notation(s.chain, bodies):
            s.sort = "fact"
            continue
        try:
            members = tuple(_stacked(m, columns) for m in s.chain.members)
        except LookupError:
            continue
        new = Chain(members, s.chain.relations, span=s.chain.span)
        if new in written and not _is_name(members[0]):
            s.sort = "fact"  # the equation of the matrices says it
        elif s.chain.members[0] in columns and members[0] in heads and not _is_name(members[0]):
            s.reason = s.reason or APART
        elif not any(_broadcasts(n) for n in s.chain.walk()):
            s.chain = new


def example_of(s: Sym) -> str:
    """The letter i of `z^{[1](i)}`, `x^{(i)}`; '' where there is none."""
    plain = len(s.sup) >= 3 and s.sup[-3] == "(" and s.sup[-1] == ")"
    return s.sup[-2] if plain and s.sup[-2].isalpha() and s.sup[-2] not in ("l", "L") else ""


def _on_the_right(chains: Sequence[Chain], bases: set[str]) -> bool:
    """`Z = W X`: the matrix of the examples stands behind the weights, so that they are its columns."""
    return any(
        isinstance(n, Mul | MatMul)
        and isinstance(n.factors[-1], Sym)
        and n.factors[-1].base in bases
        and not any(isinstance(f, Sym) and f.base in bases for f in n.factors[:-1])
        for c in chains
        if c.relations[:1] in (("=",), (":=",)) and not _is_name(c.members[0])
        for m in c.members[1:]
        for n in m.walk()
    )


NO_LAYER = ("", "")


def _any_layer(s: Sym) -> tuple[str, str]:
    """The letter and the bracket of `Z^{[l]}`, `Z^{[L]}`, `dZ^{[l-1]}`; NO_LAYER for `Z` and `Z^{[1]}`."""
    bare = s.base[1:] if _is_name(s) else s.base
    return (bare, s.sup[0]) if {"l", "L", "ell"} & set(s.sup) else NO_LAYER


def _is_name(f: Formula) -> bool:
    """`dz`, `dZ`: the name of a derivative."""
    return isinstance(f, Sym) and len(f.base) > 1 and f.base[0] == "d"


def _whole(s: Sym) -> Sym:
    """`Z^{[1]}` for `z^{[1](i)}`, `dZ^{[1]}` for `dz^{[1](i)}`."""
    base = s.base[0] + s.base[1:].upper() if len(s.base) > 1 else s.base.upper()
    return Sym(base, s.sub, s.sup[:-3], s.primes, s.accent)


def _is_cost(c: Chain) -> bool:
    """`J = \\frac1m \\sum_i …`"""
    head = c.members[0]
    return bool(c.relations) and isinstance(head, Sym) and head.base in COSTS and not head.sup


def _says_notation(c: Chain, bodies: Sequence[Formula] = ()) -> bool:
    """`dz^{(i)} = ∂L^{(i)}/∂z^{(i)}`: what a name of a derivative stands for.

    bodies: the losses of one example, written out, that costs sum over.
    """
    if len(c.members) != 2 or c.relations[0] not in ("=", ":=", "equiv"):
        return False
    name, m = c.members
    return (
        isinstance(name, Sym)
        and isinstance(m, Deriv)
        and isinstance(m.by, Sym)
        and name.base == f"d{m.by.base}"
        and (name.sub, name.sup, name.accent) == (m.by.sub, m.by.sup, m.by.accent)
        and (
            example_of(m.of) == example_of(m.by)
            if isinstance(m.of, Sym)
            else m.of in bodies and example_letters(m.of) == {example_of(m.by)}
        )
    )


def _broadcasts(f: Formula) -> bool:
    """`z^{(i)} + b`, `diag(z^{(i)})`: of all examples it is no sum or function of the matrix."""
    if isinstance(f, Add | Hadamard) and _varies(f):
        rest = [x for x in f.children() if not _varies(x)]
        return any(isinstance(n, Sym) for x in rest for n in x.walk())
    return isinstance(f, Call) and f.name in ("diag", "Diag") and _varies(f)


def _stacked(f: Formula, columns: dict[Sym, Sym]) -> Formula:
    """The matrix of a column. Raises LookupError where the formula is no such column."""
    if not _varies(f):
        return f
    if isinstance(f, Sym) and f in columns:
        return replace(columns[f], span=f.span)
    if isinstance(f, Neg | Add | Hadamard):
        return f.map(lambda x: _stacked(x, columns))
    if isinstance(f, Call) and len(f.args) == 1:
        return f.map(lambda x: _stacked(x, columns))
    if isinstance(f, Pow) and not _varies(f.exponent):
        return replace(f, base=_stacked(f.base, columns))
    if isinstance(f, Div) and not _varies(f.den):
        return replace(f, num=_stacked(f.num, columns))
    if isinstance(f, Sum) and example_letters(f.body) == {f.index.name}:
        return _summed(f, columns)
    if isinstance(f, MatMul | Mul) and sum(map(_varies, f.factors)) == 1:
        last = f.factors[-1]
        inner = [x for x in f.factors if _varies(x)]
        if inner[0] is last or isinstance(inner[0], Sum):
            return f.map(lambda x: _stacked(x, columns))
    raise LookupError


def _summed(f: Sum, columns: dict[Sym, Sym]) -> Formula:
    """`Σ_i dz^{(i)}` as `dZ 1`, `Σ_i dz^{(i)} a^{(i)T}` as `dZ A^T`."""
    factors = f.body.factors if isinstance(f.body, MatMul) else ()
    if len(factors) == 2 and isinstance(factors[1], Transpose) and _varies(factors[0]):
        right = _stacked(factors[1].body, columns)
        return MatMul((_stacked(factors[0], columns), Transpose(right)), span=f.span)
    if not isinstance(f.upper, Sym) or f.upper != Sym(f.upper.base):
        raise LookupError
    return MatMul((_stacked(f.body, columns), Ones(Idx(f.upper.base))), span=f.span)


def example_letters(f: Formula) -> set[str]:
    """The letters of examples that stand free."""
    if isinstance(f, Sum):
        return example_letters(f.body) - {f.index.name}
    if isinstance(f, Sym):
        return {example_of(f)} - {""}
    return {x for c in f.children() for x in example_letters(c)}


def _varies(f: Formula) -> bool:
    return any(isinstance(n, Sym) and example_of(n) for n in f.walk())

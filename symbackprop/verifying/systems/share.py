"""One definition inside another: `a = f(W x + b)` and `z = W x + b` give `a = f(z)`.

Documents often say the whole thing first and name its parts afterwards. A derivative at the named
part needs the network to pass through it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Array,
    Bracket,
    Call,
    Div,
    Formula,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Num,
    Pow,
    Prod,
    Ref,
    Sum,
    Transpose,
    add,
)
from symbackprop.verifying.names.affine import affine_constant, affine_of
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.rename import rename, signed


def shared(definitions: list[Definition], also: Iterable[Definition] = ()) -> list[Definition]:
    """The definitions, each with other definitions' right sides replaced by their names.

    also: other forms of some of them (entry by entry) that may stand in the rest.
    """
    found = list(definitions)
    for i, d in enumerate(found):
        for other in (*definitions, *also):
            if other is definitions[i] or other.target == d.target or not _is_compound(other.rhs):
                continue
            new = _replace(d.rhs, other, d)
            if new is not None:
                d = found[i] = replace(d, rhs=new)
    return found


def _is_compound(f: Formula) -> bool:
    """Sums and products of some length; a product of two quantities as well, `W x` or `w_k x_k`."""
    if isinstance(f, Mul | MatMul) and all(isinstance(x, Ref | Array) for x in f.factors):
        return True
    return isinstance(f, Add | Mul | MatMul | Sum | Hadamard | Div) and sum(1 for _ in f.walk()) > 3


def _replace(f: Formula, other: Definition, d: Definition) -> Formula | None:
    done = False

    def change(node: Formula) -> Formula | None:
        nonlocal done
        if type(node) is type(other.rhs):
            letters: dict[str, Formula] = {}
            if match(other.rhs, node, letters, {}) and node != d.rhs:
                done = True
                head: type[Ref] | type[Array] = Array if other.whole else Ref
                return rename(head(other.target, other.indices), letters)
        return None

    new = f.rewrite(change)
    return new if done else None


def match(p: Formula, f: Formula, letters: dict[str, Formula], bound: dict[str, str]) -> bool:
    """Whether `f` is `p` with index letters replaced (the same everywhere), order of terms as written."""
    if isinstance(p, Idx):
        if p.name in bound:
            return isinstance(f, Idx) and f.name == bound[p.name]
        return _bind(p, f, letters, bound)
    if isinstance(p, Num):
        return isinstance(f, Num) and p.value == f.value
    if type(p) is not type(f):
        return False
    if isinstance(p, Ref | Array) and isinstance(f, Ref | Array):
        if p.name != f.name or len(p.indices) != len(f.indices):
            return False
        return all(_index(a, b, letters, bound) for a, b in zip(p.indices, f.indices, strict=True))
    if isinstance(p, Sum | Prod) and isinstance(f, Sum | Prod):
        inner = {**bound, p.index.name: f.index.name}
        return match(p.body, f.body, letters, inner)
    if isinstance(p, Call) and isinstance(f, Call) and (p.name, p.primes) != (f.name, f.primes):
        return False
    if isinstance(p, Add | Mul | MatMul | Hadamard | Neg | Div | Pow | Call | Transpose | Bracket):
        a, b = p.children(), f.children()
        return len(a) == len(b) and all(
            match(x, y, letters, bound) for x, y in zip(a, b, strict=True)
        )
    return p == f


def _index(p: Formula, f: Formula, letters: dict[str, Formula], bound: dict[str, str]) -> bool:
    pl, ps = affine_of(p)
    if pl is None:
        fl, fs = affine_of(f)
        return p == f or (affine_constant(f) is not None and fl is None and fs == ps)
    if pl in bound:
        fl, fs = affine_of(f)
        return fl == bound[pl] and fs == ps
    return _bind(Idx(pl), _minus(f, ps), letters, bound)


def _minus(f: Formula, shift: int) -> Formula:
    if not shift:
        return f
    letter, s = affine_of(f)
    if letter is None and affine_constant(f) is None:
        return add(f, signed(-shift))
    if letter is None:
        return signed(s - shift)
    return add(Idx(letter), signed(s - shift)) if s != shift else Idx(letter)


def _bind(p: Idx, f: Formula, letters: dict[str, Formula], bound: dict[str, str]) -> bool:
    if any(isinstance(n, Idx) and n.name in bound.values() for n in f.walk()):
        return False
    known = letters.get(p.name)
    if known is None:
        letters[p.name] = f
        return True
    return known == f or (affine_of(f)[0] is not None and affine_of(known) == affine_of(f))

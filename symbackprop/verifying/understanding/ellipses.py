r"""Sums with dots: `w_1 x_1 + w_2 x_2 + \cdots + w_n x_n` is the sum of w_i x_i from 1 to n.

The term before the dots and the one behind them may differ only in one number that has become a
letter (or a larger number), wherever it stands in a script; earlier terms that fit belong to the
sum. Anything else stays as it is written and is not understood.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Formula,
    Hadamard,
    Idx,
    Mul,
    Neg,
    Num,
    Opaque,
    Pow,
    Sum,
    Sym,
)

LETTERS = ("i", "k", "j", "q", "r", "s")


def with_sums(chain: Chain) -> Chain:
    """The chain with each sum that is written with dots as a sum."""
    if not any(_dots(n) for n in chain.walk()):
        return chain
    chain = _diagonals(chain)
    used = {x for n in chain.walk() if isinstance(n, Sym) for x in (n.base, *n.sub, *n.sup)}
    letter = next((x for x in LETTERS if x not in used), "")
    if not letter:
        return chain

    def change(f: Formula) -> Formula | None:
        return _summed(f, letter) if isinstance(f, Add) else None

    return chain.rewrite_members(change)


def _diagonals(chain: Chain) -> Chain:
    r"""`\operatorname{diag}(c_1, \dots, c_m)` is the diagonal matrix of c."""

    def change(n: Formula) -> Formula | None:
        match n:
            case Call(
                name="diag", args=(Sym(sub=("1",)) as first, Opaque() as dots, Sym() as last)
            ):
                if _dots(dots) and last == replace(first, sub=last.sub) and len(last.sub) == 1:
                    return Call("diag", (replace(first, sub=(), span=None),), span=n.span)
            case Call(name="diag", args=(first, Opaque() as dots, last)) if _dots(dots):
                ends = _ends(first, last)
                body = _merged(first, last, ends, "#") if ends and ends[0] == "1" else None
                whole = _whole(body) if body is not None else None
                return Call("diag", (whole,), span=n.span) if whole is not None else None
        return None

    return chain.rewrite_members(change)


def _whole(f: Formula) -> Formula | None:
    """The vector whose entry # is this: products, powers and functions are taken entry by entry."""
    match f:
        case Num():
            return f
        case Sym(sub=("#",), sup=()):
            return replace(f, sub=(), span=None)
        case Neg() | Add() | Mul() | Call(args=(_,), primes=0) | Pow(exponent=Num()):
            parts = [_whole(x) for x in f.children()]
            if None in parts:
                return None
            found = iter(parts)
            whole = f.map(lambda x: next(found) or x)
            return Hadamard(whole.factors) if isinstance(whole, Mul) else whole
    return None


def _dots(f: Formula) -> bool:
    return isinstance(f, Opaque) and f.reason == "an ellipsis"


def _summed(f: Add, letter: str) -> Formula | None:
    terms = list(f.terms)
    at = next((k for k, t in enumerate(terms) if _dots(t.body if isinstance(t, Neg) else t)), 0)
    if not 0 < at < len(terms) - 1:
        return None
    ends = _ends(terms[at - 1], terms[at + 1])
    if ends is None:
        return None
    low, high = int(ends[0]), ends[1]
    body = _merged(terms[at - 1], terms[at + 1], ends, letter)
    if body is None:
        return None
    first = at - 1
    while first > 0 and terms[first - 1] == _instance(body, letter, str(low - 1)):
        first, low = first - 1, low - 1
    upper: Formula = Num(high) if high.isdigit() else Idx(high)
    whole = Sum(body, Idx(letter), Num(str(low)), upper, span=f.span)
    rest = (*terms[:first], whole, *terms[at + 2 :])
    return Add(rest, span=f.span) if len(rest) > 1 else whole


def _ends(a: Formula, b: Formula) -> tuple[str, str] | None:
    """The number in the one term that has become something else in the other."""
    for x, y in zip(_symbols(a), _symbols(b), strict=False):
        for p, n in zip((*x.sub, *x.sup), (*y.sub, *y.sup), strict=False):
            if p != n:
                grown = n.isdigit() and p.isdigit() and int(n) > int(p)
                return (p, n) if p.isdigit() and (grown or n.isalpha()) else None
    return None


def _symbols(f: Formula) -> list[Sym]:
    return [n for n in f.walk() if isinstance(n, Sym)]


def _merged(a: Formula, b: Formula, ends: tuple[str, str], letter: str) -> Formula | None:
    """The term with the letter where the two differ; None where they differ in something else."""
    if a == b:
        return a
    if isinstance(a, Sym) and isinstance(b, Sym):
        sub = _tokens(a.sub, b.sub, ends, letter)
        sup = _tokens(a.sup, b.sup, ends, letter)
        if sub is None or sup is None or replace(a, sub=b.sub, sup=b.sup) != b:
            return None
        return replace(a, sub=sub, sup=sup)
    below, other = a.children(), b.children()
    if type(a) is not type(b) or len(below) != len(other) or not below:
        return None
    if a.map(lambda _: Num("0")) != b.map(lambda _: Num("0")):
        return None
    found = [_merged(x, y, ends, letter) for x, y in zip(below, other, strict=True)]
    if None in found:
        return None
    parts = iter(found)
    return a.map(lambda x: next(parts) or x)


def _tokens(
    a: tuple[str, ...], b: tuple[str, ...], ends: tuple[str, str], letter: str
) -> tuple[str, ...] | None:
    if len(a) != len(b):
        return None
    if any(x != y and (x, y) != ends for x, y in zip(a, b, strict=True)):
        return None
    return tuple(x if x == y else letter for x, y in zip(a, b, strict=True))


def _instance(body: Formula, letter: str, value: str) -> Formula:
    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or letter not in (*n.sub, *n.sup):
            return None
        sub = tuple(value if x == letter else x for x in n.sub)
        return replace(n, sub=sub, sup=tuple(value if x == letter else x for x in n.sup))

    return body.rewrite(change)

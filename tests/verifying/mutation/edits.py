"""Edits of a printed formula, by operator: each yields wrong versions of the written tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from symbackprop.formula import tree as t

Formulas = Iterator[t.Formula]
TWO = t.Num("2")


def places(f: t.Formula, change: Callable[[t.Formula], Formulas]) -> Formulas:
    """`f` with one node changed, everywhere but inside derivatives and bounds of sums."""
    yield from change(f)
    if isinstance(f, t.Deriv | t.Grad | t.Bracket | t.Norm | t.Sym | t.Num | t.Opaque):
        return
    for name in ("body", "num", "den", "base", "factors", "terms", "args"):
        value = getattr(f, name, None)
        if isinstance(value, t.Formula):
            for new in places(value, change):
                yield replace(f, **{name: new})
        elif isinstance(value, tuple):
            for k, child in enumerate(value):
                for new in places(child, change):
                    yield replace(f, **{name: (*value[:k], new, *value[k + 1 :])})


def sign(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add):
            for k, term in enumerate(n.terms):
                turned = term.body if isinstance(term, t.Neg) else t.Neg(term)
                yield t.Add((*n.terms[:k], turned, *n.terms[k + 1 :]))
        if isinstance(n, t.Neg):
            yield n.body

    yield from places(f, change)
    yield t.Neg(f)


def factor(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul | t.Sym | t.Sum | t.Call):
            yield t.mul(TWO, n)
        if isinstance(n, t.Mul):
            yield t.mul(t.Div(t.ONE, TWO), n)
            for k, x in enumerate(n.factors):
                if isinstance(x, t.Num) or (isinstance(x, t.Div) and isinstance(x.num, t.Num)):
                    yield t.mul(*n.factors[:k], *n.factors[k + 1 :])
        if isinstance(n, t.Pow) and n.exponent == TWO:
            yield n.base

    yield from places(f, change)


def _single(tokens: tuple[str, ...]) -> bool:
    return len(tokens) > 0 and all(len(x) == 1 and x.isalnum() for x in tokens)


def index(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    """One index token for another that the statement has."""
    tokens = list(dict.fromkeys(x for s in symbols if _single(s.sub) for x in s.sub))

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Sym) and _single(n.sub):
            for k, x in enumerate(n.sub):
                for other in tokens:
                    if other != x and other.isdigit() == x.isdigit():
                        yield replace(n, sub=(*n.sub[:k], other, *n.sub[k + 1 :]))

    yield from places(f, change)


def transpose(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    """Receiver and sender of a weight changed, a transpose left out or set, factors exchanged."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Sym) and len(n.sub) == 2 and _single(n.sub) and n.sub[0] != n.sub[1]:
            yield replace(n, sub=n.sub[::-1])
        if isinstance(n, t.Sym) and n.sub.count(",") == 1:
            cut = n.sub.index(",")
            yield replace(n, sub=(*n.sub[cut + 1 :], ",", *n.sub[:cut]))
        if isinstance(n, t.Transpose):
            yield n.body
        if isinstance(n, t.MatMul):
            for k, x in enumerate(n.factors):
                if not isinstance(x, t.Transpose):
                    yield replace(n, factors=(*n.factors[:k], t.Transpose(x), *n.factors[k + 1 :]))
            if len(n.factors) == 2:
                yield replace(n, factors=n.factors[::-1])

    yield from places(f, change)


def layer(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    """Another superscript that the statement has, or one more or less."""
    sups = list(dict.fromkeys(s.sup for s in symbols if s.sup))

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Sym) and n.sup:
            for other in sups:
                if other != n.sup:
                    yield replace(n, sup=other)
            for k, x in enumerate(n.sup):
                if x.isdigit():
                    for v in (int(x) + 1, int(x) - 1):
                        if v >= 0:
                            yield replace(n, sup=(*n.sup[:k], str(v), *n.sup[k + 1 :]))
        if isinstance(n, t.Sym) and not n.sup and n.base[-1:].isdigit() and len(n.base) > 1:
            stem, number = n.base[:-1], int(n.base[-1])
            for v in (number + 1, number - 1):
                if v >= 0:
                    yield replace(n, base=f"{stem}{v}")
        if isinstance(n, t.Sym):
            for s in symbols:
                # names that differ in a digit of the subscript only: w_{21,11}, n_{21(in)}
                if s.base == n.base and s.sup == n.sup and len(s.sub) == len(n.sub) > 2:
                    changed = [
                        k for k, (a, b) in enumerate(zip(s.sub, n.sub, strict=True)) if a != b
                    ]
                    if len(changed) == 1 and s.sub[changed[0]].isdigit():
                        yield replace(n, sub=s.sub)

    yield from places(f, change)


def before_after(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    """What enters a neuron for what leaves it, and back."""
    bases = {s.base for s in symbols}
    pairs = [("z", "a"), ("a", "z"), ("z", "h"), ("h", "z"), ("u", "z"), ("z", "y"), ("n", "z"),
             ("z", "x"), ("a", "x"), ("x", "a"), ("s", "h"), ("a", "h")]  # fmt: skip

    def change(n: t.Formula) -> Formulas:
        if not isinstance(n, t.Sym):
            return
        for a, b in pairs:
            if n.base == a and b in bases:
                yield replace(n, base=b)
        for k, x in enumerate(n.sub):
            other = {"in": "out", "out": "in"}.get(x)
            if other:
                yield replace(n, sub=(*n.sub[:k], other, *n.sub[k + 1 :]))
        joined = "".join(n.sub)
        for a, b in (("in", "out"), ("out", "in")):
            if f"({a})" in joined and a not in n.sub:
                at = joined.index(f"({a})")
                yield replace(n, sub=(*joined[:at], "(", *b, ")", *joined[at + len(a) + 2 :]))

    yield from places(f, change)


def dropped_factor(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul | t.Hadamard | t.MatMul):
            for k, x in enumerate(n.factors):
                if isinstance(x, t.Num | t.Sum) or (
                    isinstance(x, t.Div) and isinstance(x.den, t.Num)
                ):
                    continue
                rest = n.factors[:k] + n.factors[k + 1 :]
                if isinstance(n, t.Mul):
                    yield t.mul(*rest)
                else:
                    yield rest[0] if len(rest) == 1 else replace(n, factors=rest)

    yield from places(f, change)


def dropped_term(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add):
            for k in range(len(n.terms)):
                yield t.add(*n.terms[:k], *n.terms[k + 1 :])

    yield from places(f, change)


def sum_product(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add):
            for k in range(len(n.terms) - 1):
                a, b = n.terms[k : k + 2]
                if not isinstance(b, t.Neg):
                    yield t.add(*n.terms[:k], t.mul(a, b), *n.terms[k + 2 :])
        if isinstance(n, t.Mul):
            for k in range(1, len(n.factors)):
                yield t.add(t.mul(*n.factors[:k]), t.mul(*n.factors[k:]))
        if isinstance(n, t.Sum):
            yield t.Prod(n.body, n.index, n.lower, n.upper)
            yield n.body

    yield from places(f, change)


def bracket(f: t.Formula, symbols: list[t.Sym]) -> Formulas:
    """A bracket left out, or one that closes too early or too late."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul):
            for k, x in enumerate(n.factors):
                if isinstance(x, t.Add):
                    head, tail = n.factors[:k], n.factors[k + 1 :]
                    if not head and not tail:
                        continue
                    first, last = x.terms[0], x.terms[-1]
                    yield t.add(_times((*head,), first, ()), *x.terms[1:-1], _times((), last, tail))
                    if len(x.terms) > 2:
                        yield t.add(t.mul(*head, t.add(*x.terms[:-1])), _times((), last, tail))
                if isinstance(x, t.Neg) and k:
                    yield t.sub(t.mul(*n.factors[:k]), t.mul(x.body, *n.factors[k + 1 :]))
        if isinstance(n, t.Sum) and isinstance(n.body, t.Add):
            yield t.add(replace(n, body=n.body.terms[0]), *n.body.terms[1:])
        if isinstance(n, t.Pow) and isinstance(n.base, t.Add):
            *rest, last = n.base.terms
            power = (
                t.Neg(t.Pow(last.body, n.exponent))
                if isinstance(last, t.Neg)
                else t.Pow(last, n.exponent)
            )
            yield t.add(*rest, power)
        if isinstance(n, t.Neg) and isinstance(n.body, t.Add):
            yield t.add(t.Neg(n.body.terms[0]), *n.body.terms[1:])
        if isinstance(n, t.Add) and len(n.terms) > 1:
            last = n.terms[-1]
            inner = last.body if isinstance(last, t.Neg) else last
            if isinstance(inner, t.Mul):
                grown = t.Neg(inner.factors[0]) if isinstance(last, t.Neg) else inner.factors[0]
                yield t.mul(t.add(*n.terms[:-1], grown), *inner.factors[1:])

    yield from places(f, change)


def _times(head: tuple[t.Formula, ...], term: t.Formula, tail: tuple[t.Formula, ...]) -> t.Formula:
    if isinstance(term, t.Neg):
        return t.Neg(t.mul(*head, term.body, *tail))
    return t.mul(*head, term, *tail)


OPERATORS: dict[str, Callable[[t.Formula, list[t.Sym]], Formulas]] = {
    "sign": sign, "factor": factor, "index": index, "transpose": transpose, "layer": layer,
    "dropped factor": dropped_factor, "dropped term": dropped_term, "z/a": before_after,
    "sum/product": sum_product, "bracket": bracket,
}  # fmt: skip

"""Edits of a written statement that may make it true: layers, Kronecker deltas, a product for a sum.

They work on the letters of the document, before any meaning; every one is judged before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Bracket,
    Call,
    Chain,
    Deriv,
    Formula,
    Idx,
    Mul,
    Neg,
    Sum,
    Sym,
    mul,
)


def edits(chain: Chain, member: int) -> Iterator[tuple[str, str, Formula]]:
    """(code, what was wrong, the mended member), the cheapest first."""
    wrong = chain.members[member]
    yield from _inner_derivative(chain.members[member - 1], wrong)
    yield from _layers(chain, wrong)
    yield from _sum_for_product(wrong)
    yield from _kronecker(chain)


def _inner_derivative(before: Formula, wrong: Formula) -> Iterator[tuple[str, str, Formula]]:
    """`d f(z) / d x` of the member before, taken by the chain rule: `f'(z) dz/dx`."""
    slopes = {n.name for n in wrong.walk() if isinstance(n, Call) and n.primes}
    done = False

    def change(n: Formula) -> Formula | None:
        nonlocal done
        if isinstance(n, Deriv) and isinstance(n.of, Call) and len(n.of.args) == 1:
            f = n.of
            if f.name in slopes:
                done = True
                return mul(replace(f, primes=f.primes + 1), Deriv(f.args[0], n.by))
        return None

    new = before.rewrite(change)
    if done:
        yield "R104", "the derivative of what stands inside is missing or wrong", new


def _layers(chain: Chain, wrong: Formula) -> Iterator[tuple[str, str, Formula]]:
    sups = list(dict.fromkeys(n.sup for n in chain.walk() if isinstance(n, Sym) and n.sup))
    here = list(dict.fromkeys(n for n in wrong.walk() if isinstance(n, Sym) and n.sup))
    for n in here:
        for sup in sups:
            if sup != n.sup:
                new = replace(n, sup=sup, span=None)
                yield "R106", "a layer is wrong", _swapped(wrong, n, new)


def _swapped(f: Formula, old: Formula, new: Formula) -> Formula:
    return f.rewrite(lambda x: new if x == old else None)


def _sum_for_product(wrong: Formula) -> Iterator[tuple[str, str, Formula]]:
    if not isinstance(wrong, Mul) or len(wrong.factors) != 2:
        return
    first, second = wrong.factors
    sign = isinstance(second, Neg)
    body = second.body if isinstance(second, Neg) else second
    if not isinstance(body, Mul):
        return
    for k in range(len(body.factors) - 1, 0, -1):
        term = mul(*body.factors[:k])
        total = Add((first, Neg(term) if sign else term))
        yield (
            "R105",
            "a product stands where a sum belongs, and the grouping is wrong",
            mul(total, *body.factors[k:]),
        )


def regrouped(f: Formula) -> Formula | None:
    """`sum a - b * c` read as `(sum (a - b)) * c`: brackets that an author left out."""
    if not isinstance(f, Add) or len(f.terms) != 2:
        return None
    first, last = f.terms
    if not isinstance(last, Neg) or not isinstance(last.body, Mul):
        return None
    b, rest = last.body.factors[0], last.body.factors[1:]
    if isinstance(first, Sum):
        return mul(replace(first, body=Add((first.body, Neg(b)))), *rest)
    return mul(Add((first, Neg(b))), *rest)


def _kronecker(chain: Chain) -> Iterator[tuple[str, str, Formula]]:
    head = chain.members[0]
    if isinstance(head, Deriv) and isinstance(head.of, Sym) and isinstance(head.by, Sym):
        a, b = head.of.sub, head.by.sub
        if len(a) == 1 and len(b) == 1 and a != b:
            delta = Bracket(Chain((Idx(a[0]), Idx(b[0])), ("=",)))
            yield "R104", "the derivative is 1 for equal indices and 0 else", delta

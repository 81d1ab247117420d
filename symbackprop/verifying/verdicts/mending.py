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
    Div,
    Formula,
    Idx,
    Mul,
    Neg,
    Num,
    Sum,
    Sym,
    mul,
)


def edits(
    chain: Chain, member: int, known: frozenset[Sym] = frozenset()
) -> Iterator[tuple[str, str, Formula]]:
    """(code, what was wrong, the mended member), the cheapest first. `known`: symbols of the text."""
    wrong = chain.members[member]
    yield from _output_for_input(chain, wrong)
    single = _of_one_sample(chain, wrong, known)
    if single is not None:
        yield "R106", "this is for one sample: its symbols need no sum over samples", single
        for code, meaning, mended in _output_for_input(chain, single):
            yield code, f"{meaning} (for one sample)", mended
    yield from _inner_derivative(chain.members[member - 1], wrong)
    yield from _layers(chain, wrong)
    yield from _sum_for_product(wrong)
    yield from _kronecker(chain)


def _output_for_input(chain: Chain, wrong: Formula) -> Iterator[tuple[str, str, Formula]]:
    """dC/da said to be what dC/dz is, for a sigmoid a of z: the slope a (1 - a) is one too many."""
    head = chain.members[0]
    if isinstance(head, Deriv) and isinstance(head.by, Sym):
        slope = mul(head.by, Add((Num("1"), Neg(head.by))))
        yield "R104", "the slope of the activation is one too many", Div(wrong, slope)


def _of_one_sample(chain: Chain, wrong: Formula, known: frozenset[Sym]) -> Formula | None:
    """`sum_n (y^n - t^n)` beside dC/dy_1, where the document defines y_1 and t_1 of one sample."""
    head = chain.members[0]
    if not (isinstance(head, Deriv) and isinstance(head.by, Sym) and head.by.sub):
        return None
    sums = [n for n in wrong.walk() if isinstance(n, Sum)]
    if len(sums) != 1:
        return None
    letter, sub = sums[0].index.name, head.by.sub

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sum):
            return n.body.rewrite(change)
        if isinstance(n, Sym) and not n.sub and "".join(n.sup).strip("()") == letter:
            own = Sym(n.base, sub, (), n.primes, n.accent)
            return own if own in known else None
        return None

    new = wrong.rewrite(change)
    left = any(isinstance(n, Sym) and letter in n.sup for n in new.walk())
    return None if left else new


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

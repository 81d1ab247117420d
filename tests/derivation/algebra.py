"""The rules of algebra as relations between two normal forms."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from .normal_form import (
    ZERO,
    N,
    has_letter,
    key,
    product,
    remade,
    split,
    summed,
    terms,
    total,
)

Term = tuple[Fraction, tuple[N, ...], tuple[N, ...]]
"""Coefficient, numerators and denominators, both sorted."""


def number(
    nums: tuple[N, ...], dens: tuple[N, ...]
) -> tuple[Fraction, tuple[N, ...], tuple[N, ...]]:
    """The numbers among the factors as one fraction; the other factors."""
    value = Fraction(1)
    for x in nums:
        value *= Fraction(x[1]) if x[0] == "num" else 1
    for x in dens:
        value /= Fraction(x[1]) if x[0] == "num" else 1
    return value, tuple(x for x in nums if x[0] != "num"), tuple(x for x in dens if x[0] != "num")


def arithmetic(n: N) -> N:
    """Numbers multiplied together, equal terms added; nothing is distributed or cancelled."""
    n = remade(n, arithmetic) if n[0] not in ("num", "lin") else n
    if n[0] == "mul":
        value, nums, dens = number(n[2], n[3])
        return _with_number(n[1] * value, nums, dens)
    if n[0] == "add":
        found: dict[tuple[tuple[N, ...], tuple[N, ...]], Fraction] = {}
        for x in n[1]:
            s, nums, dens = split(x)
            value, nums, dens = number(nums, dens)
            found[nums, dens] = found.get((nums, dens), Fraction(0)) + s * value
        return total([_with_number(v, *k) for k, v in found.items() if v])
    return n


def _with_number(value: Fraction, nums: tuple[N, ...], dens: tuple[N, ...]) -> N:
    if not value:
        return ZERO
    sign = 1 if value > 0 else -1
    return product(
        sign, (("num", abs(value.numerator)), *nums), (("num", value.denominator), *dens)
    )


# --- expansion ------------------------------------------------------------------------------------


def expanded(n: N) -> list[Term]:
    """All products multiplied out, sums pulled apart; common factors of a fraction stay."""
    if n[0] == "add":
        return [x for part in n[1] for x in expanded(part)]
    if n[0] == "sum":
        return [_outside(n, x) for x in expanded(n[2])]
    sign, nums, dens = split(n)
    value, nums, dens = number(nums, dens)
    found: list[Term] = [(sign * value, (), tuple(sorted((closed(x) for x in dens), key=key)))]
    for x in nums:
        parts = expanded(x) if x[0] in ("add", "sum", "mul") else [(Fraction(1), (closed(x),), ())]
        found = [
            (c * k, tuple(sorted(a + p, key=key)), tuple(sorted(b + q, key=key)))
            for c, a, b in found
            for k, p, q in parts
        ]
    return found


def closed(n: N) -> N:
    """A factor that is not multiplied out, its inside in one form."""
    if n[0] in ("add", "sum", "mul"):
        return from_terms(expanded(n))
    return n


def _outside(n: N, term: Term) -> Term:
    """A term of the body of a sum: what does not depend on the variable stands in front."""
    variable = n[1]
    coefficient, nums, dens = term
    inner = [x for x in nums if has_letter(x, variable)]
    under = [x for x in dens if has_letter(x, variable)]
    out = tuple(x for x in nums if x not in inner)
    below = tuple(x for x in dens if x not in under)
    body = product(1, tuple(inner), tuple(under))
    return coefficient, tuple(sorted((*out, summed(n[1], body)), key=key)), below


def prenex(n: N) -> N:
    """Multiplied out, and the factors before a sum over an index put into it."""
    if n[0] in ("add", "sum"):
        return remade(n, prenex)
    parts = from_terms(expanded(n))
    return remade(parts, _into_sum) if parts[0] == "add" else _into_sum(parts)


def _into_sum(n: N) -> N:
    sign, nums, dens = split(n)
    sums = [x for x in nums if x[0] == "sum"]
    if len(sums) != 1:
        return n
    rest = list(nums)
    rest.remove(sums[0])
    _, variable, body = sums[0]
    return summed(variable, prenex(product(sign, (*rest, body), dens)))


def from_terms(found: list[Term]) -> N:
    return total([_with_number(c, nums, dens) for c, nums, dens in found])


def merged(found: list[Term]) -> Counter[tuple[tuple[N, ...], tuple[N, ...]]]:
    result: Counter[Any] = Counter()
    for c, nums, dens in found:
        result[nums, dens] += c  # type: ignore[assignment]
    return Counter({k: v for k, v in result.items() if v})


def collected(b: N, a: N) -> bool:
    """A common factor taken out or multiplied in; a sum pulled apart; nothing vanishes."""
    return b != a and sorted(map(key, expanded(b))) == sorted(map(key, expanded(a)))


def cancelled(b: N, a: N) -> bool:
    """Common factors of a fraction, or opposite terms of a sum, left out; nothing else changes."""
    sign, nums, dens = split(b)
    s, tops, bottoms = split(a)
    gone, under = Counter(nums) - Counter(tops), Counter(dens) - Counter(bottoms)
    if sign == s and gone and gone == under and not Counter(tops) - Counter(nums):
        return not Counter(bottoms) - Counter(dens)
    one, two = expanded(b), expanded(a)
    return len(two) < len(one) and merged(one) == merged(two) and len(merged(one)) == len(two)


def fractions_joined(b: N, a: N) -> bool:
    """A sum of fractions over one denominator, the numerators multiplied crosswise and left so."""
    parts = terms(b)
    if len(parts) < 2:
        return False
    common: Counter[N] = Counter()
    for x in parts:
        common |= Counter(split(x)[2])
    if not common:
        return False
    tops = []
    for x in parts:
        sign, nums, dens = split(x)
        tops.append(product(sign, (*nums, *(common - Counter(dens)).elements())))
    return product(1, (total(tops),), tuple(common.elements())) == a

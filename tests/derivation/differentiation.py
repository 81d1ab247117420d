"""Kronecker deltas and the rules of differentiation as relations between two normal forms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from .algebra import arithmetic, expanded, from_terms, merged
from .normal_form import (
    ONE,
    ZERO,
    N,
    body_of,
    bracket,
    has_letter,
    inside,
    negative,
    product,
    rebuilt,
    split,
    summed,
    terms,
    total,
)

# --- Kronecker deltas -----------------------------------------------------------------------------


def picks(n: N) -> Iterator[N]:
    """Each way in which one bracket under a sum picks its term."""
    for x in inside(n):
        if x[0] != "sum":
            continue
        layers, body = [x], x[2]
        while body[0] == "sum":
            layers.append(body)
            body = body[2]
        sign, nums, dens = split(body)
        for br in (y for y in nums if y[0] == "br"):
            for layer in layers:
                value = _solved(br, layer[1])
                if value is None:
                    continue
                rest = list(nums)
                rest.remove(br)
                inner = product(sign, tuple(rest), dens)
                for other in reversed(layers):
                    inner = summed(other[1], inner)
                picked_sum = _without(inner, layer[1], value)
                yield rebuilt(n, lambda y, x=x, new=picked_sum: new if y == x else None)


def _without(n: N, variable: str, value: N) -> N:
    if n[1] == variable:
        return body_of(n, value)
    return summed(n[1], _without(n[2], variable, value))


def _solved(br: N, variable: str) -> N | None:
    """The value of the variable for which the bracket is 1."""
    for one, two in ((br[1], br[2]), (br[2], br[1])):
        if one == ("lin", ((variable, 1),), 0) and not has_letter(two, variable):
            return two  # type: ignore[no-any-return]
    return None


def picked(b: N, a: N) -> bool:
    """One or more brackets under sums pick their terms."""
    seen, front = {b}, [b]
    while front:
        front = [x for n in front for x in picks(n) if x not in seen]
        seen.update(front)
        if a in front:
            return True
    return False


# --- differentiation ------------------------------------------------------------------------------


def differentiated(b: N, a: N) -> bool:
    """Derivatives of formulas carried out, wholly or in part; no quantity is replaced by its value."""
    compound = [x for x in inside(b) if x[0] == "der" and x[1][0] != "ref"]
    alike = [x for x in inside(b) if x[0] == "der" and x[1][0] == "ref" and x[1][1] == x[2][1]]
    if not compound and not alike:
        return False
    two = arithmetic(carried_out(a))
    for quotient in (False, True):
        one = arithmetic(carried_out(b, quotient))
        if same(one, two) or any(same(x, two) for x in all_picks(one)):
            return True
    return False


def by_the_sum_rule(f: N, by: N, a: N) -> bool:
    """The derivative of a sum is the sum of the derivatives: each is kept, carried out, or 0."""
    parts = [(x, *_derivatives_of_term(x, by), ZERO) for x in terms(f)]
    return any(
        total(choice) == a
        for choice in itertools.product(*(p[1:] for p in parts))
        if any(x != ZERO for x in choice)
    )


def _derivatives_of_term(term: N, by: N) -> Iterator[N]:
    """c dq/dv for a term c q; under sums too; and the derivative carried out."""
    if term[0] == "sum":
        yield from (summed(term[1], x) for x in _derivatives_of_term(term[2], by))
        return
    sign, nums, dens = split(term)
    for i, x in enumerate(nums):
        if x[0] == "ref":
            yield product(sign, (*nums[:i], *nums[i + 1 :], ("der", x, by)), dens)
        if x[0] == "sum":
            for y in _derivatives_of_term(x, by):
                yield product(sign, (*nums[:i], *nums[i + 1 :], y), dens)
    done = arithmetic(derivative(term, by))
    yield done
    yield from map(arithmetic, all_picks(done))


def same(one: N, two: N) -> bool:
    return arithmetic(one) == arithmetic(two) or merged(expanded(one)) == merged(expanded(two))


def all_picks(n: N) -> Iterator[N]:
    apart = from_terms(expanded(n))  # a sum over terms, each with its own bracket
    seen, front = {n, apart}, [n, apart]
    while front:
        front = [x for y in front for x in picks(y) if x not in seen]
        seen.update(front)
        yield from front


def carried_out(n: N, quotient: bool = False) -> N:
    """Every derivative of a formula replaced by the rules of differentiation (one is the quotient rule)."""

    def leaf(x: N) -> N | None:
        if x[0] == "der" and (x[1][0] != "ref" or x[1][1] == x[2][1]):
            new = derivative(x[1], x[2], quotient)
            return new if new == x else carried_out(new, quotient)
        return None

    return rebuilt(n, leaf)


def derivative(f: N, by: N, quotient: bool = False) -> N:
    """The derivative of f by the entry `by`; other quantities are constants."""
    match f[0]:
        case "num" | "lin" | "arr" | "br":
            return ZERO
        case "ref":
            if f == by:
                return ONE
            if f[1] != by[1]:
                return ZERO
            return _deltas(f[2:], by[2:])
        case "add":
            return total([derivative(x, by) for x in f[1]])
        case "sum":
            return _under_sum(f, derivative(f[2], by))
        case "mul":
            return _of_quotient(f, by) if quotient and len(f[3]) == 1 else _of_product(f, by)
        case "cases":
            rows = tuple(("row", derivative(r[1], by, quotient), r[2]) for r in f[1:])
            return ZERO if all(r[1] == ZERO for r in rows) else ("cases", *rows)
        case "call" if len(f[3]) == 1:
            ((_, name, primes, (inner,)),) = (f,)
            return product(1, (outer(name, primes, inner), derivative(inner, by)))
        case "pow":
            _, base, exponent = f
            less = ("pow", base, total([exponent, ("mul", -1, (ONE,), ())]))
            return product(1, (exponent, less, derivative(base, by)))
    return ("der", f, by)


def _under_sum(f: N, body: N) -> N:
    return summed(f[1], body)


def outer(name: str, primes: int, inner: N) -> N:
    """The derivative of a function at `inner`."""
    if name == "exp":
        return ("call", "exp", 0, (inner,))
    if name == "log":
        return product(1, (), (inner,))
    if name == "sin":
        return ("call", "cos", 0, (inner,))
    if name == "cos":
        return negative(("call", "sin", 0, (inner,)))
    if name == "tanh" and not primes:
        value: N = ("call", "tanh", 0, (inner,))
        return total([ONE, product(-1, (value, value))])
    if name == "sign":
        return ZERO
    if name == "sqrt":
        return product(1, (), (("num", 2), ("call", "sqrt", 0, (inner,))))
    if name == "abs":
        return ("call", "sign", 0, (inner,))
    return ("call", name, primes + 1, (inner,))


def _deltas(one: tuple[N, ...], two: tuple[N, ...]) -> N:
    factors = []
    for x, y in zip(one, two, strict=True):
        if x == y:
            continue
        if x[0] == y[0] == "lin" and x[1] == y[1]:
            return ZERO  # the same letters, another number: never equal
        factors.append(bracket(x, y))
    return product(1, tuple(factors))


def _of_quotient(f: N, by: N) -> N:
    _, sign, nums, (den,) = f
    top = product(sign, nums)
    crossed = total(
        [
            product(1, (derivative(top, by), den)),
            product(-1, (top, derivative(den, by))),
        ]
    )
    return product(1, (crossed,), (den, den))


def _of_product(f: N, by: N) -> N:
    _, sign, nums, dens = f
    parts = []
    for i, x in enumerate(nums):
        parts.append(product(sign, (*nums[:i], *nums[i + 1 :], derivative(x, by)), dens))
    for i, x in enumerate(dens):
        d = derivative(x, by)
        parts.append(product(-sign, (*nums, d), (*dens, x)))
        del i
    return total([x for x in parts if x != ZERO])

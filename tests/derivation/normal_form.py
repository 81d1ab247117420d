"""Formulas as plain nested tuples, equal where a reader sees the same thing in another order.

Shares nothing with narrator, engine or judge. The order of factors and terms, brackets, and signs that are moved
in front of a bracket do not count; everything else does: nothing is cancelled, collected or computed.

    ("num", 2)  ("lin", (("l", 1),), 1)  an index, here l + 1        ("ref", "z2", index, ...)   ("arr", ...)
    ("mul", sign, numerators, denominators)                          ("add", terms)
    ("sum", variable, body)                                          ("der", of, by)
    ("call", name, primes, arguments)    ("br", index, index)        ("mat", factors in order)

Variables of sums are named by depth, "#0" the outermost; bounds are left out (the values see to them). An
error `d.z` is the derivative of the cost by z.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from symbackprop.formula import tree as t

N = tuple[Any, ...]
ONE: N = ("num", 1)
ZERO: N = ("num", 0)


def key(n: Any) -> str:
    return repr(n)


def product(sign: int, nums: tuple[N, ...], dens: tuple[N, ...] = ()) -> N:
    """A flat product; factors 1 vanish, signs of factors come to the front, a factor 0 makes it 0."""
    top: list[N] = []
    bottom: list[N] = []

    def put(n: N, over: list[N], under: list[N]) -> None:
        nonlocal sign
        if n[0] == "mul":
            sign *= n[1]
            for x in n[2]:
                put(x, over, under)
            for x in n[3]:
                put(x, under, over)
        elif n[0] == "num" and n[1] < 0:
            sign = -sign
            over.append(("num", -n[1]))
        elif n != ONE:
            over.append(n)

    for n in nums:
        put(n, top, bottom)
    for n in dens:
        put(n, bottom, top)
    if ZERO in top:
        return ZERO
    if sign == 1 and len(top) == 1 and not bottom:
        return top[0]
    if sign == 1 and not top and not bottom:
        return ONE
    return ("mul", sign, tuple(sorted(top, key=key)), tuple(sorted(bottom, key=key)))


def negative(n: N) -> N:
    return product(-1, (n,))


def split(n: N) -> tuple[int, tuple[N, ...], tuple[N, ...]]:
    """Sign, numerators, denominators."""
    if n[0] == "mul":
        return n[1], n[2], n[3]
    return (1, (), ()) if n == ONE else (1, (n,), ())


def terms(n: N) -> tuple[N, ...]:
    """The terms of a sum, also of minus a sum."""
    if n == ZERO:
        return ()
    if n[0] == "add":
        return n[1]  # type: ignore[no-any-return]
    if n[0] == "mul" and n[1] == -1 and len(n[2]) == 1 and not n[3] and n[2][0][0] == "add":
        return tuple(negative(x) for x in n[2][0][1])
    return (n,)


def total(parts: Iterator[N] | tuple[N, ...] | list[N]) -> N:
    """A flat sum. Its first term by order is positive: y - a is minus (a - y)."""
    flat = [x for p in parts for x in terms(p)]
    if not flat:
        return ZERO
    if len(flat) == 1:
        return flat[0]
    flat.sort(key=lambda x: (key(split(x)[1:]), split(x)[0]))
    if split(flat[0])[0] == -1:
        return ("mul", -1, (("add", tuple(negative(x) for x in flat)),), ())
    return ("add", tuple(flat))


def linear(parts: dict[str, int], constant: int) -> N:
    return ("lin", tuple(sorted((k, v) for k, v in parts.items() if v)), constant)


def index(f: t.Formula, names: dict[str, str]) -> N:
    """An index or a size: a sum of letters and a number, else the general form."""
    parts: dict[str, int] = {}
    constant = 0
    for factor, x in _linear(f):
        if isinstance(x, t.Idx):
            name = names.get(x.name, x.name)
            parts[name] = parts.get(name, 0) + factor
        elif isinstance(x, t.Num) and x.value.denominator == 1:
            constant += factor * int(x.value)
        else:
            return normal(f, names)
    return linear(parts, constant)


def _linear(f: t.Formula) -> Iterator[tuple[int, t.Formula]]:
    if isinstance(f, t.Add):
        for x in f.terms:
            yield from _linear(x)
    elif isinstance(f, t.Neg):
        yield from ((-k, x) for k, x in _linear(f.body))
    else:
        yield 1, f


def normal(f: t.Formula, names: dict[str, str] | None = None, depth: int = 0) -> N:
    """The normal form; `names` maps the variables of the sums around it to their names by depth."""
    names = names or {}

    def sub(x: t.Formula) -> N:
        return normal(x, names, depth)

    match f:
        case t.Num():
            return product(1, (("num", f.value.numerator),), (("num", f.value.denominator),))
        case t.Idx():
            return linear({names.get(f.name, f.name): 1}, 0)
        case t.Ref() | t.Array():
            kind = "ref" if isinstance(f, t.Ref) else "arr"
            leaf = (kind, f.name.removeprefix("d."), *(index(i, names) for i in f.indices))
            if not f.name.startswith("d."):
                return leaf
            return ("der" if kind == "ref" else "grad", ("ref", "J"), leaf)
        case t.Neg():
            return negative(sub(f.body))
        case t.Add():
            return total([sub(x) for x in f.terms])
        case t.Mul() | t.Hadamard():
            return product(1, tuple(sub(x) for x in f.factors))
        case t.Div():
            return product(1, (sub(f.num),), (sub(f.den),))
        case t.Pow():
            return power(sub(f.base), sub(f.exponent))
        case t.Call():
            return ("call", f.name, f.primes, tuple(sub(x) for x in f.args))
        case t.Sum():
            inner = {**names, f.index.name: f"#{depth}"}
            return summed(f"#{depth}", normal(f.body, inner, depth + 1))
        case t.Norm():
            return norm(sub(f.body))
        case t.Bracket(condition=t.Chain(members=(a, b), relations=("=",))):
            return bracket(index(a, names), index(b, names))
        case t.Deriv():
            return ("der", sub(f.of), sub(f.by))
        case t.Grad():
            return ("grad", sub(f.of), sub(f.by))
        case t.Sym():
            return ("ref", f"@{f.base}")
        case t.Cases():
            return ("cases", *(("row", sub(v), condition(c, sub)) for v, c in f.rows))
        case t.Matrix():
            return ("matrix", *(("row", *(sub(x) for x in row)) for row in f.rows))
        case t.MatMul():
            return matmul(tuple(sub(x) for x in f.factors))
    own = tuple(getattr(f, d.name) for d in fields(f) if isinstance(getattr(f, d.name), str))
    return (type(f).__name__, *own, *(sub(c) for c in f.children()))


def condition(c: t.Formula | None, sub: Any) -> N:
    """A condition with its smaller side first; ("else",) for what is left."""
    if c is None:
        return ("else",)
    if not isinstance(c, t.Chain) or len(c.relations) != 1:
        return ("condition", sub(c))
    return relation(c.relations[0], *(sub(m) for m in c.members))


def relation(sign: str, a: N, b: N) -> N:
    if sign in (">", ">="):
        sign, a, b = sign.replace(">", "<"), b, a
    return ("relation", sign, total([b, negative(a)]))


def matmul(factors: tuple[N, ...]) -> N:
    """A product of matrices in order; signs and numbers come to the front."""
    sign, flat = 1, []
    for n in factors:
        s, nums, dens = split(n)
        if s == -1 and not dens and len(nums) == 1:
            sign, n = -sign, nums[0]
        flat.extend(n[1] if n[0] == "mat" else (n,))
    return product(sign, (("mat", tuple(flat)),)) if len(flat) > 1 else product(sign, tuple(flat))


def summed(variable: str, body: N) -> N:
    """A sum over an index; a sign stands in front."""
    if body == ZERO:
        return ZERO
    sign, nums, dens = split(_from_zero(body, variable))
    whole: N = ("sum", variable, product(1, nums, dens))
    return whole if sign == 1 else negative(whole)


def in_order(n: N) -> N:
    """Sums of sums in one order: sum over j of sum over k is sum over k of sum over j."""
    n = remade(n, in_order)
    variables, body = [], n
    while body[0] == "sum":
        variables.append(body[1])
        body = body[2]
    if len(variables) < 2:
        return n
    bodies = (
        relabelled(body, {v: linear({w: 1}, 0) for v, w in zip(variables, order, strict=True)})
        for order in itertools.permutations(variables)
    )
    best = min(bodies, key=key)
    for v in reversed(variables):
        best = ("sum", v, best)
    return best


def _from_zero(body: N, variable: str) -> N:
    """The variable shifted so that it stands alone: w[l+1] for l from 0 is w[l] for l from 1."""
    shifts = {
        x[2] - 1_000 * (dict(x[1]) != {variable: 1})
        for x in inside(body)
        if x[0] == "lin" and variable in dict(x[1])
    }
    if len(shifts) != 1 or (by := shifts.pop()) == 0 or abs(by) > 500:
        return body
    return relabelled(body, {variable: linear({variable: 1}, -by)})


def norm(body: N) -> N:
    """A length: that of y - a is that of a - y."""
    sign, nums, dens = split(body)
    return ("norm", body if sign == 1 else product(1, nums, dens))


def power(base: N, exponent: N) -> N:
    """b^n is n factors b, so that a^2 is a a; any other power stays."""
    sign, nums, dens = split(exponent)
    (count, *more) = nums or (ONE,)
    if not dens and not more and count[0] == "num" and count[1] <= 6:
        factors = (base,) * int(count[1])
        return product(1, factors) if sign == 1 else product(1, (), factors)
    return ("pow", base, exponent)


def bracket(a: N, b: N) -> N:
    return ("br", *sorted((a, b), key=key))


# --- rebuilding -----------------------------------------------------------------------------------


def rebuilt(n: N, leaf: Any) -> N:
    """The same tree with `leaf` tried at every node from the top: what it gives replaces the node."""
    new = leaf(n)
    if new is not None:
        return new  # type: ignore[no-any-return]
    return remade(n, lambda x: rebuilt(x, leaf))


def remade(n: N, change: Any) -> N:
    """The same node with changed children, in normal form again."""
    match n[0]:
        case "num" | "lin":
            return n
        case "mul":
            return product(n[1], tuple(map(change, n[2])), tuple(map(change, n[3])))
        case "add":
            return total([change(x) for x in n[1]])
        case "mat":
            return matmul(tuple(map(change, n[1])))
        case "br":
            return bracket(change(n[1]), change(n[2]))
        case "pow":
            return power(change(n[1]), change(n[2]))
        case "sum":
            return summed(n[1], change(n[2]))
        case "norm":
            return norm(change(n[1]))
        case "call":
            return ("call", n[1], n[2], tuple(map(change, n[3])))
    return tuple(change(x) if isinstance(x, tuple) else x for x in n)


def relabelled(n: N, letters: dict[str, N]) -> N:
    """Index letters replaced by index expressions."""

    def leaf(x: N) -> N | None:
        if x[0] != "lin":
            return None
        parts: dict[str, int] = {}
        constant = x[2]
        for name, factor in x[1]:
            new = letters.get(name, ("lin", ((name, 1),), 0))
            constant += factor * new[2]
            for other, k in new[1]:
                parts[other] = parts.get(other, 0) + factor * k
        return linear(parts, constant)

    def walk(x: N) -> N:
        if x[0] == "sum" and x[1] in letters:  # a bound variable that is renamed
            ((name, _),) = letters[x[1]][1]
            return summed(name, walk(x[2]))
        return remade(x, walk) if leaf(x) is None else leaf(x)  # type: ignore[return-value]

    return walk(n)


def shifted(n: N, by: int) -> N:
    """Its own sums' variables moved `by` levels deeper (it stands inside `by` more sums)."""
    if not by:
        return n
    own = {x[1] for x in inside(n) if x[0] == "sum"}
    return relabelled(n, {v: ("lin", ((f"#{int(v[1:]) + by}", 1),), 0) for v in own})


def inside(n: Any) -> Iterator[N]:
    """This node and all below."""
    if isinstance(n, tuple):
        if n and isinstance(n[0], str):
            yield n
        for x in n:
            yield from inside(x)


def has_letter(n: N, name: str) -> bool:
    return any(x[0] == "lin" and any(k == name for k, _ in x[1]) for x in inside(n))


def body_of(n: N, value: N) -> N:
    """The body of a sum with the variable replaced; the sums inside move one level up."""
    _, variable, body = n
    level = int(variable[1:])
    own = sorted({x[1] for x in inside(body) if x[0] == "sum"}, key=lambda v: int(v[1:]))
    changed = relabelled(body, {variable: value})
    for v in own:
        if int(v[1:]) > level:
            changed = relabelled(changed, {v: ("lin", ((f"#{int(v[1:]) - 1}", 1),), 0)})
    return changed

"""The registry of repairs: small edits of a formula, one row each, the cheaper first.

An edit takes the formula and the Setting (what the claim and the network offer) and yields edited
formulas; most edit one place. Nothing here knows what is true: `diagnose` judges every result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from symbackprop.formula import tree as t
from symbackprop.system.model import ADJOINT, System

Formulas = Iterator[t.Formula]


@dataclass(frozen=True, slots=True)
class Setting:
    """What an edit may use: the system, the free index formulas of the claim, and its left side."""

    system: System
    letters: tuple[t.Formula, ...]
    left: t.Formula


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of repair: a stable name, what was wrong in words, its cost and its edits."""

    name: str
    meaning: str
    cost: int
    edits: Callable[[t.Formula, Setting], Formulas]


def places(f: t.Formula, change: Callable[[t.Formula], Iterator[t.Formula]]) -> Formulas:
    """`f` with one node replaced, for every node and every replacement that `change` offers.

    What is differentiated, and by what, is left alone: it is what the claim is about. So are the
    indices of a quantity: no sum of theirs is a term, no step of theirs a factor.
    """
    yield from change(f)
    if isinstance(f, t.Deriv | t.Grad | t.Ref | t.Array):
        return
    for name in f.__dataclass_fields__:
        if name == "span":
            continue
        value = getattr(f, name)
        if isinstance(value, t.Formula):
            for new in places(value, change):
                yield _with(f, name, new)
        elif isinstance(value, tuple):
            for k, child in enumerate(value):
                if isinstance(child, t.Formula):
                    for new in places(child, change):
                        yield _with(f, name, (*value[:k], new, *value[k + 1 :]))


def _with(f: t.Formula, name: str, value: object) -> t.Formula:
    change: dict[str, Any] = {name: value}
    return replace(f, **change)


def is_term(f: t.Formula) -> bool:
    return not isinstance(f, t.Idx | t.Num | t.Chain)


# --- signs and constants --------------------------------------------------------------------------


def sign(f: t.Formula, s: Setting) -> Formulas:
    """A difference the wrong way round, a sign too many or missing."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add) and len(n.terms) == 2:
            a, b = n.terms
            if isinstance(b, t.Neg) and not isinstance(a, t.Neg):
                yield t.sub(b.body, a)
        if isinstance(n, t.Neg):
            yield n.body
        elif is_term(n) and not isinstance(n, t.Bracket | t.Transpose):
            yield t.Neg(n)

    yield from places(f, change)


def constant(f: t.Formula, s: Setting) -> Formulas:
    """2, 1/2, 1/N and N at any place; numbers that should not be there."""
    two = t.Num("2")
    sizes: list[t.Formula] = [t.Idx(x.name) for x in s.system.sizes]
    sizes += [t.Num(n) for n in sorted(_counts(s.system))]

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Num):
            if n != t.ONE:
                yield t.ONE
            if n == t.ONE:
                yield two
            return
        if isinstance(n, t.Div) and isinstance(n.num, t.Num | t.Idx) and n.den in (two, *sizes):
            yield t.ONE
        if isinstance(n, t.Pow) and n.exponent == two:
            yield n.base
        if is_term(n) and not isinstance(n, t.Transpose | t.Bracket):
            yield t.Div(n, two)
            yield t.mul(two, n)

    yield from places(f, change)
    for count in sizes:
        yield t.mul(t.Div(t.ONE, count), f)
        yield t.mul(count, f)


def _counts(system: System) -> set[str]:
    """Concrete numbers of outputs and samples."""
    found = set()
    for q in system.quantities:
        if q.role == "target":
            found |= {str(a.upper) for a in q.axes if a.upper.is_Integer and a.upper > 1}
    return found - {"2"}


def square(f: t.Formula, s: Setting) -> Formulas:
    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add | t.Ref):
            yield t.Pow(n, t.Num("2"))

    yield from places(f, change)


# --- sums, products, brackets ---------------------------------------------------------------------


def regroup(f: t.Formula, s: Setting) -> Formulas:
    """`a - b c` for `(a - b) c` and back; a sum that should reach further."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add):
            last = n.terms[-1]
            minus = isinstance(last, t.Neg)
            inner = last.body if isinstance(last, t.Neg) else last
            if isinstance(inner, t.Mul) and len(inner.factors) > 1:
                for cut in range(1, len(inner.factors)):
                    head, tail = t.mul(*inner.factors[:cut]), inner.factors[cut:]
                    term = t.Neg(head) if minus else head
                    yield t.mul(t.add(*n.terms[:-1], term), *tail)
            first = n.terms[0]
            if isinstance(first, t.Sum):
                yield replace(first, body=t.add(first.body, *n.terms[1:]))
            if isinstance(first, t.Mul):
                *head_, tail_ = first.factors
                yield t.mul(*head_, t.add(tail_, *n.terms[1:]))
            if isinstance(first, t.Mul) and isinstance(first.factors[-1], t.Sum):
                inner_sum = first.factors[-1]
                body = t.add(inner_sum.body, *n.terms[1:])
                yield t.mul(*first.factors[:-1], replace(inner_sum, body=body))
        if isinstance(n, t.Mul):
            for k, factor in enumerate(n.factors):
                rest = n.factors[k + 1 :]
                if isinstance(factor, t.Add) and rest:
                    *terms, last = factor.terms
                    grown = (
                        t.Neg(t.mul(last.body, *rest))
                        if isinstance(last, t.Neg)
                        else t.mul(last, *rest)
                    )
                    yield t.mul(*n.factors[:k], t.add(*terms, grown))
                if isinstance(factor, t.Sum):
                    others = (*n.factors[:k], *rest)
                    yield replace(factor, body=t.mul(factor.body, *others))

    yield from places(f, change)


def product_for_sum(f: t.Formula, s: Setting) -> Formulas:
    """A product where a sum belongs, with every grouping; and back."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul) and len(n.factors) > 1:
            for cut in range(1, len(n.factors)):
                left, right = t.mul(*n.factors[:cut]), t.mul(*n.factors[cut:])
                yield t.add(left, right)
                yield t.sub(left, right)
        if isinstance(n, t.Add):
            yield t.mul(*n.terms)
            for cut in range(1, len(n.terms)):
                yield t.mul(t.add(*n.terms[:cut]), t.add(*n.terms[cut:]))
        if isinstance(n, t.Prod):
            yield t.Sum(n.body, n.index, n.lower, n.upper)
        if isinstance(n, t.Sum):
            yield n.body
        if isinstance(n, t.Div):
            yield t.mul(n.num, n.den)
        if isinstance(n, t.Mul) and len(n.factors) == 2:
            yield t.Div(n.factors[0], n.factors[1])

    yield from places(f, change)


def missing_sum(f: t.Formula, s: Setting) -> Formulas:
    """A sum sign that was left out: over a letter that is free on the right only."""
    left = {n.name for n in s.left.walk() if isinstance(n, t.Idx)}
    bound = {n.index.name for n in f.walk() if isinstance(n, t.Sum | t.Prod)}
    sizes = {x.name for x in s.system.sizes}
    names = {n.name for n in f.walk() if isinstance(n, t.Idx)} - left - bound - sizes
    for name in sorted(names):
        yield t.Sum(f, t.Idx(name))
    # One term for the whole sum: its fixed index becomes the summed letter.
    fixed = {i for n in f.walk() if isinstance(n, t.Ref) for i in n.indices if isinstance(i, t.Num)}
    fixed -= {i for n in s.left.walk() if isinstance(n, t.Ref) for i in n.indices}
    used = {n.name for m in (f, s.left) for n in m.walk() if isinstance(n, t.Idx)}
    letter = next((t.Idx(x) for x in ("j", "k", "i", "q") if x not in used), t.Idx("r"))
    for i in sorted(fixed, key=str):

        def freed(n: t.Formula, i: t.Formula = i) -> t.Formula | None:
            if isinstance(n, t.Ref) and i in n.indices:
                return replace(n, indices=tuple(letter if x == i else x for x in n.indices))
            return None

        yield t.Sum(f.rewrite(freed), letter)


# --- factors and terms ----------------------------------------------------------------------------


def slope(f: t.Formula, s: Setting) -> Formulas:
    """A missing or an extra f'."""

    def drop(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul | t.Hadamard):
            for k, factor in enumerate(n.factors):
                if isinstance(factor, t.Call) and factor.primes:
                    yield _without(n, k)
        if isinstance(n, t.Call) and n.name in s.system.function_by_name:
            yield replace(n, primes=0 if n.primes else 1)
        if isinstance(n, t.Add) and len(n.terms) == 2 and n.terms[0] == t.ONE:
            last = n.terms[1]  # the slope of tanh for that of sigmoid, and back
            if isinstance(last, t.Neg) and isinstance(last.body, t.Pow):
                a = last.body.base
                yield t.mul(a, t.sub(t.ONE, a))
        if isinstance(n, t.Mul):
            for k, a in enumerate(n.factors):
                other = t.sub(t.ONE, a)
                if other in n.factors:
                    rest = [x for m, x in enumerate(n.factors) if m != k and x != other]
                    yield t.mul(*rest, t.sub(t.ONE, t.Pow(a, t.Num("2"))))

    yield from places(f, drop)
    arrays = any(isinstance(n, t.Array) for n in f.walk())
    for function in s.system.functions:
        for q in s.system.quantities:
            if q.role == "pre-activation":
                for leaf in _entries(q.name, s, arrays):
                    factor = t.Call(function.name, (leaf,), 1)
                    yield t.Hadamard((f, factor)) if arrays else t.mul(f, factor)
    for q in s.system.quantities:
        if q.role == "activation" and not arrays:
            for leaf in _entries(q.name, s, False):
                both = t.mul(leaf, t.sub(t.ONE, leaf))
                yield t.mul(f, both)


def dropped(f: t.Formula, s: Setting) -> Formulas:
    """A factor or a term too many."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul | t.Hadamard | t.MatMul) and len(n.factors) > 1:
            for k in range(len(n.factors)):
                yield _without(n, k)
            if isinstance(n, t.Mul):
                for k, a in enumerate(n.factors):
                    for m, b in enumerate(n.factors):
                        if k < m and isinstance(a, t.Ref) and isinstance(b, t.Add):
                            rest = [x for i, x in enumerate(n.factors) if i not in (k, m)]
                            yield t.mul(*rest)
        if isinstance(n, t.Add):
            for k in range(len(n.terms)):
                yield t.add(*n.terms[:k], *n.terms[k + 1 :])
        if isinstance(n, t.Div):
            yield n.num

    yield from places(f, change)


def _without(n: t.Mul | t.Hadamard | t.MatMul, k: int) -> t.Formula:
    rest = n.factors[:k] + n.factors[k + 1 :]
    return rest[0] if len(rest) == 1 else replace(n, factors=rest)


def missing_factor(f: t.Formula, s: Setting) -> Formulas:
    """A declared entry as a factor, of the whole or of one term."""
    if any(isinstance(n, t.Array) for n in (*f.walk(), *s.left.walk())):
        return
    for q in s.system.quantities:
        if q.role in ("cost",):
            continue
        for leaf in _entries(q.name, s, False):
            yield t.mul(f, leaf)
            if isinstance(f, t.Sum):
                yield replace(f, body=t.mul(f.body, leaf))
            if isinstance(f, t.Mul) and isinstance(f.factors[0], t.Sum):
                head = f.factors[0]
                yield t.mul(replace(head, body=t.mul(head.body, leaf)), *f.factors[1:])


def missing_term(f: t.Formula, s: Setting) -> Formulas:
    """A bias, a decay term, or another declared entry as a term."""
    arrays = any(isinstance(n, t.Array) for n in (*f.walk(), *s.left.walk()))
    leaves = [
        leaf
        for q in s.system.quantities
        if q.role not in ("cost", "constant")
        for leaf in _entries(q.name, s, arrays)
    ]
    constants = [q.name for q in s.system.quantities if q.role == "constant" and not q.axes]
    for leaf in leaves:
        yield t.add(f, leaf)
        yield t.sub(f, leaf)
        for name in constants:
            yield t.add(f, t.mul(t.Ref(name), leaf))


def _entries(name: str, s: Setting, arrays: bool) -> Iterator[t.Formula]:
    """The quantity at index formulas of the claim (or as a whole array)."""
    q = s.system.by_name[name]
    if arrays:
        if not q.axes or q.axes[0].kind != "layer":
            yield t.Array(name) if q.axes else t.Ref(name)
        else:
            layers = {n.indices for n in s.left.walk() if isinstance(n, t.Array) and n.indices}
            for indices in sorted(layers, key=str):
                yield t.Array(name, indices[:1])
        return
    if not q.axes:
        yield t.Ref(name)
        return
    choices: list[tuple[t.Formula, ...]] = [()]
    for _ in q.axes:
        choices = [(*c, x) for c in choices for x in s.letters if x not in c]
    for indices in choices[:24]:
        yield t.Ref(name, indices)


# --- names and indices ----------------------------------------------------------------------------


def indices(f: t.Formula, s: Setting) -> Formulas:
    """Swapped indices, or one index for another."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Ref) and n.indices:
            for i in range(len(n.indices)):
                for k in range(i):
                    new = list(n.indices)
                    new[i], new[k] = new[k], new[i]
                    if tuple(new) != n.indices:
                        yield replace(n, indices=tuple(new))
                if not isinstance(n.indices[i], t.Add):
                    for x in (*s.letters, *_bound(f)):
                        if x != n.indices[i]:
                            yield replace(n, indices=(*n.indices[:i], x, *n.indices[i + 1 :]))

    yield from places(f, change)


def _bound(f: t.Formula) -> list[t.Formula]:
    return list(dict.fromkeys(n.index for n in f.walk() if isinstance(n, t.Sum | t.Prod)))


def layer(f: t.Formula, s: Setting) -> Formulas:
    """l for l+1, l-1 or L; times likewise."""
    depths = [
        t.Idx(str(a.upper))
        for q in s.system.quantities
        for a in q.axes
        if a.kind in ("layer", "time") and a.upper.is_Symbol
    ]

    def change(n: t.Formula) -> Formulas:
        if not isinstance(n, t.Ref | t.Array):
            return
        q = s.system.by_name.get(n.name.removeprefix(ADJOINT))
        for k, (axis, i) in enumerate(zip(q.axes if q else (), n.indices, strict=False)):
            if axis.kind not in ("layer", "time"):
                continue
            base = i.terms[0] if isinstance(i, t.Add) else i
            if isinstance(base, t.Num):
                value = int(base.value)
                options: list[t.Formula] = [t.Num(str(v)) for v in (value - 1, value + 1) if v >= 0]
            else:
                options = [base, t.add(base, t.ONE), t.sub(base, t.ONE), *depths[:1]]
            for new in options:
                if new != i:
                    yield replace(n, indices=(*n.indices[:k], new, *n.indices[k + 1 :]))

    yield from places(f, change)
    for step in (t.ONE, t.Neg(t.ONE)):
        yield f.rewrite(lambda n, step=step: _shifted(n, step, s))  # type: ignore[misc]


def _shifted(n: t.Formula, step: t.Formula, s: Setting) -> t.Formula | None:
    """Every layer index of the formula moved by one."""
    if not isinstance(n, t.Ref | t.Array):
        return None
    q = s.system.by_name.get(n.name.removeprefix(ADJOINT))
    for k, axis in enumerate(q.axes if q else ()):
        if axis.kind in ("layer", "time") and k < len(n.indices):
            moved = t.add(n.indices[k], step)
            return replace(n, indices=(*n.indices[:k], moved, *n.indices[k + 1 :]))
    return None


def name(f: t.Formula, s: Setting) -> Formulas:
    """Another quantity with as many indices: z for a, delta for sigma, W1 for W2."""
    shapes = {q.name: len(q.axes) for q in s.system.quantities}

    def change(n: t.Formula) -> Formulas:
        if not isinstance(n, t.Ref | t.Array):
            return
        bare = n.name.removeprefix(ADJOINT)
        if bare not in shapes:
            options = [q for q, k in shapes.items() if k >= len(n.indices)]
        else:
            options = [q for q, k in shapes.items() if k == shapes[bare]]
        for other in options:
            for new in (other, ADJOINT + other):
                if new != n.name and not (new.startswith(ADJOINT) and other == s.system.cost):
                    yield replace(n, name=new)

    yield from places(f, change)


def partial(f: t.Formula, s: Setting) -> Formulas:
    """A missing partial sign: v for dJ/dv (on the left side), or a quotient for a derivative."""
    if isinstance(f, t.Ref | t.Array) and not f.name.startswith(ADJOINT):
        yield replace(f, name=ADJOINT + f.name)
    if isinstance(f, t.Div) and isinstance(f.den, t.Ref) and isinstance(f.num, t.Ref):
        yield t.Deriv(f.num, f.den)


# --- arrays ---------------------------------------------------------------------------------------


def transpose(f: t.Formula, s: Setting) -> Formulas:
    """A missing or an extra transpose, an order of factors."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Transpose):
            yield n.body
        elif isinstance(n, t.Array):
            yield t.Transpose(n)
        if isinstance(n, t.MatMul) and len(n.factors) == 2:
            a, b = n.factors
            yield t.MatMul((b, a))
            yield t.MatMul((_turned(b), _turned(a)))
            yield t.MatMul((_turned(a), _turned(b)))
            yield t.MatMul((a, _turned(b)))
            yield t.MatMul((b, _turned(a)))
            yield t.MatMul((_turned(a), b))

    yield from places(f, change)


def _turned(f: t.Formula) -> t.Formula:
    return f.body if isinstance(f, t.Transpose) else t.Transpose(f)


def product_kind(f: t.Formula, s: Setting) -> Formulas:
    """A dot product for a product entry by entry, and back."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.MatMul):
            yield t.Hadamard(n.factors)
            if len(n.factors) > 2:
                yield t.Hadamard((t.MatMul(n.factors[:-1]), n.factors[-1]))
        if isinstance(n, t.Hadamard):
            yield t.MatMul(n.factors)
            if len(n.factors) == 2:
                a, b = n.factors
                yield t.MatMul((a, _turned(b)))
                yield t.MatMul((_turned(a), b))
                yield t.MatMul((b, _turned(a)))
        if isinstance(n, t.Mul) and any(isinstance(x, t.Array) for x in n.walk()):
            yield t.Hadamard(n.factors)

    yield from places(f, change)


REPAIRS: tuple[Row, ...] = (
    Row("sign", "a sign is wrong", 1, sign),
    Row("constant", "a constant factor is wrong (2, 1/2, 1/N)", 1, constant),
    Row("transpose", "a transpose is missing, too many, or the order of factors is wrong", 1, transpose),
    Row("product-kind", "a dot product and a product entry by entry are confused", 1, product_kind),
    Row("indices", "indices are swapped or confused", 2, indices),
    Row("layer", "a layer or time index is off by one, or is that of the last layer", 2, layer),
    Row("name", "one quantity stands for another", 2, name),
    Row("slope", "a derivative of the activation is missing or too many", 2, slope),
    Row("regroup", "brackets are missing or too many, or a sum reaches too far or not far enough", 2, regroup),
    Row("missing-sum", "a sum sign is missing", 2, missing_sum),
    Row("product-for-sum", "a product stands for a sum, or a sum for a product", 2, product_for_sum),
    Row("dropped", "a factor or a term is too many", 2, dropped),
    Row("square", "a square is missing", 2, square),
    Row("partial", "a partial sign is missing", 2, partial),
    Row("missing-factor", "a factor is missing", 3, missing_factor),
    Row("missing-term", "a term is missing", 3, missing_term),
)  # fmt: skip
"""Every kind of repair, tried in the order of cost."""

"""Numbers of matrix formulas, by an evaluator of its own over lists of rows."""

from __future__ import annotations

import operator
from typing import Any

import mpmath as mp

from symbackprop.formula import tree as t

from .oracle import FUNCTIONS, Net

Rows = list[list[Any]]


class Arrays:
    """Values of Formulas at one Net: numbers are numbers, arrays are lists of rows."""

    def __init__(self, net: Net, samples: str, weights: str, slope: Any = None) -> None:
        self.net, self.samples, self.weights = net, samples, weights
        self.slope = slope or (lambda key: net.slope(key))

    def stored(self, name: str, lead: tuple[int, ...]) -> Rows:
        adjoint, plain = name.startswith("d."), name.removeprefix("d.")
        quantity = self.net.system[plain]
        axes = quantity.axes[len(lead) :]
        fixed = {a.index.name: i for a, i in zip(quantity.axes, lead, strict=False)}
        counts = [
            range(int(self.net.number(a.lower, fixed)), int(self.net.number(a.upper, fixed)) + 1)
            for a in axes
        ]

        def at(*rest: int) -> Any:
            key = (plain, (*lead, *rest))
            return self.slope(key) if adjoint else self.net.value(key)

        if not axes:
            return [[at()]]
        if len(axes) == 1:
            return [[at(i)] for i in counts[0]]
        rows = [[at(i, k) for k in counts[1]] for i in counts[0]]
        by_sample = axes[0].kind == "sample"
        flip = self.samples == "columns" if by_sample else self.weights == "sender"
        is_weight = quantity.role in ("weight", "parameter")
        return transposed(rows) if flip and (by_sample or is_weight) else rows

    def value(self, f: t.Formula, letters: dict[str, int]) -> Any:
        def v(g: t.Formula) -> Any:
            return self.value(g, letters)

        if isinstance(f, t.Num):
            return mp.mpf(f.text)
        if f == t.Sym("pi"):
            return +mp.pi
        if isinstance(f, t.Idx):
            return letters[f.name] if f.name in letters else self.net.sizes[f.name]
        if isinstance(f, t.Array):
            return self.stored(f.name, tuple(int(v(i)) for i in f.indices))
        if isinstance(f, t.Ref):
            at = tuple(int(v(i)) for i in f.indices)
            if f.name in self.net.sizes:
                return self.net.sizes[f.name][at[0]]
            if f.name.startswith("d."):
                return self.slope((f.name[2:], at))
            return self.net.value((f.name, at))
        if isinstance(f, t.Ones):
            return [[mp.mpf(1)] for _ in range(int(v(f.size)))]
        if isinstance(f, t.Transpose):
            return transposed(v(f.body))
        if isinstance(f, t.Neg):
            return each(lambda a: -a, v(f.body))
        if isinstance(f, t.Add):
            return fold(lambda a, b: a + b, [v(x) for x in f.terms])
        if isinstance(f, t.Mul):
            values = [v(x) for x in f.factors]
            assert sum(isinstance(x, list) for x in values) <= 1, "a Mul of two arrays"
            return fold(lambda a, b: a * b, values)
        if isinstance(f, t.Hadamard):
            return fold(lambda a, b: a * b, [v(x) for x in f.factors])
        if isinstance(f, t.Div):
            return fold(lambda a, b: a / b, [v(f.num), v(f.den)])
        if isinstance(f, t.Pow):
            return each(lambda a: a ** v(f.exponent), v(f.base))
        if isinstance(f, t.Norm):
            return mp.sqrt(mp.fsum(a * a for row in v(f.body) for a in row))
        if isinstance(f, t.MatMul):
            whole = v(f.factors[0])
            for factor in f.factors[1:]:
                whole = times(whole, v(factor))
            return whole[0][0] if len(whole) == 1 and len(whole[0]) == 1 else whole
        if isinstance(f, t.Call):
            return each(lambda a: self.call(f.name, f.primes, a), v(f.args[0]))
        if isinstance(f, t.Sum):
            values = [
                self.value(f.body, {**letters, f.index.name: i})
                for i in range(int(v(f.lower)), int(v(f.upper)) + 1)
            ]
            return fold(lambda a, b: a + b, values)
        if isinstance(f, t.Bracket):
            return mp.mpf(v(f.condition))
        if isinstance(f, t.Chain):
            ends = [v(m) for m in f.members]
            pairs = zip(f.relations, ends, ends[1:], strict=False)
            return all(RELATIONS[r](a, b) for r, a, b in pairs)
        if isinstance(f, t.Cases):
            return v(next(g for g, c in f.rows if c is None or v(c)))
        raise AssertionError(f"{type(f).__name__} in a matrix formula")

    def call(self, name: str, primes: int, at: Any) -> Any:
        if primes:
            return mp.diff(lambda u: self.call(name, primes - 1, u), at)
        if name in self.net.system.function_by_name:
            return self.net.call(name, at)
        return FUNCTIONS[name](at)


RELATIONS: dict[str, Any] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def transposed(rows: Any) -> Rows:
    if not isinstance(rows, list):
        return [[rows]]
    return [list(column) for column in zip(*rows, strict=True)]


def times(left: Any, right: Any) -> Rows:
    """The product of two matrices; one with one row and one column may be given as a number."""
    left, right = (x if isinstance(x, list) else [[x]] for x in (left, right))
    assert len(left[0]) == len(right), f"{len(left[0])} columns times {len(right)} rows"
    return [
        [
            mp.fsum(a * b for a, b in zip(row, column, strict=True))
            for column in zip(*right, strict=True)
        ]
        for row in left
    ]


def each(change: Any, value: Any) -> Any:
    return [[change(a) for a in row] for row in value] if isinstance(value, list) else change(value)


def fold(join: Any, values: list[Any]) -> Any:
    whole = values[0]
    for other in values[1:]:
        if isinstance(whole, list) and isinstance(other, list):
            assert (len(whole), len(whole[0])) == (len(other), len(other[0])), "shapes differ"
            whole = [
                [join(a, b) for a, b in zip(r, s, strict=True)]
                for r, s in zip(whole, other, strict=True)
            ]
        elif isinstance(whole, list):
            whole = each(lambda a, other=other: join(a, other), whole)
        else:
            whole = each(lambda b, whole=whole: join(whole, b), other)
    return whole


def distance(left: Any, right: Any) -> Any:
    """The largest difference of two values of one shape; infinite if the shapes differ."""
    left = left if isinstance(left, list) else [[left]]
    right = right if isinstance(right, list) else [[right]]
    if [len(r) for r in left] != [len(r) for r in right]:
        return mp.inf
    return max(
        abs(a - b) for r, s in zip(left, right, strict=True) for a, b in zip(r, s, strict=True)
    )

"""What sums, products, quotients, powers and calls mean: numbers, or arrays entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Node
from symbackprop.judging.leaves import Leaves
from symbackprop.judging.problems import IllFormed, NotUnderstood, Undefined
from symbackprop.judging.values import Arr, Env, Value

_ONE = ("exp", "log", "sin", "cos", "tanh", "sinh", "cosh", "erf", "abs", "sign")


class Arithmetic(Leaves):
    """Formulas that calculate."""

    def neg(self, f: t.Neg, env: Env) -> Value:
        return self._each(self.arena.neg, self.of(f.body, env))

    def add(self, f: t.Add, env: Env) -> Value:
        values = [self.of(x, env) for x in f.terms]
        return self._together(values, self.arena.add, "added")

    def hadamard(self, f: t.Hadamard, env: Env) -> Value:
        values = [self.of(x, env) for x in f.factors]
        return self._together(values, self.arena.mul, "multiplied entry by entry")

    def mul(self, f: t.Mul, env: Env) -> Value:
        return self._product([self.of(x, env) for x in f.factors])

    def _product(self, values: list[Value]) -> Value:
        """Numbers times at most a chain of matrices."""
        numbers = [v for v in values if not isinstance(v, Arr)]
        arrays = [v for v in values if isinstance(v, Arr)]
        factor = self.arena.mul(numbers)
        if not arrays:
            return factor
        result: Arr = arrays[0]
        for nxt in arrays[1:]:
            if result.cols != nxt.rows:
                if (result.rows, result.cols) == (1, 1) or (nxt.rows, nxt.cols) == (1, 1):
                    one, many = (result, nxt) if result.rows * result.cols == 1 else (nxt, result)
                    scale = one.cells[0]
                    scaled = tuple(self.arena.mul((scale, c)) for c in many.cells)
                    result = Arr(many.rows, many.cols, scaled, many.keys)
                    continue
                raise IllFormed(f"shapes {result.shape} and {nxt.shape} cannot be multiplied")
            marks = self._marks(result.keys[1] or nxt.keys[0], nxt.rows)
            result = Arr(
                result.rows,
                nxt.cols,
                tuple(
                    self.arena.add(
                        self.arena.marked(self.arena.mul((result.at(i, k), nxt.at(k, j))), marks[k])
                        for k in range(nxt.rows)
                    )
                    for i in range(result.rows)
                    for j in range(nxt.cols)
                ),
                (result.keys[0], nxt.keys[1]),
            )
        if factor == self.arena.one:
            return result
        cells = tuple(self.arena.mul((factor, c)) for c in result.cells)
        return Arr(result.rows, result.cols, cells, result.keys)

    def _marks(self, key: str, count: int) -> list[tuple[Node, ...]]:
        """The marks of the terms of a sum over an axis."""
        marks = self.instance.marks
        if marks is None or not key:
            return [()] * count
        return [(marks.mark(key, i + 1),) for i in range(count)]

    def div(self, f: t.Div, env: Env) -> Value:
        top, bottom = self.of(f.num, env), self.of(f.den, env)
        try:
            inverse = self._each(lambda c: self.arena.power(c, -1), bottom)
        except ZeroDivisionError:
            raise Undefined("a division by 0") from None
        if isinstance(inverse, Arr) and (inverse.rows, inverse.cols) != (1, 1):
            # `-y / a` of vectors is meant entry by entry: there is no other quotient of them.
            return self._together([top, inverse], self.arena.mul, "divided entry by entry")
        one = inverse.cells[0] if isinstance(inverse, Arr) else inverse
        return self._each(lambda c: self.arena.mul((c, one)), top)

    def pow(self, f: t.Pow, env: Env) -> Value:
        if isinstance(f.base, t.Norm) and f.exponent == t.Num("2"):
            value = self.of(f.base.body, env)
            if isinstance(value, Arr) and 1 in (value.rows, value.cols):
                return self.arena.add(self._squares(value))
        exponent = self.scalar(f.exponent, env)
        base = self.of(f.base, env)
        if isinstance(base, Arr) and (base.rows, base.cols) != (1, 1):
            raise NotUnderstood("a power of an array")
        one = base.cells[0] if isinstance(base, Arr) else base
        try:
            return self.arena.general_power(one, exponent)
        except ZeroDivisionError:
            raise Undefined("a division by 0") from None

    def call(self, f: t.Call, env: Env) -> Value:
        args = [self.of(a, env) for a in f.args]
        name = "log" if f.name == "ln" else f.name
        declared = name in self.instance.system.function_by_name
        if name == "softmax" and not declared and len(args) == 1 and isinstance(args[0], Arr):
            powers = self._each(self.arena.exp, args[0])
            assert isinstance(powers, Arr)
            marked = self._marks(powers.keys[0] or powers.keys[1], len(powers.cells))
            total = self.arena.add(
                self.arena.marked(c, m) for c, m in zip(powers.cells, marked, strict=True)
            )
            return self._each(lambda c: self.arena.div(c, total), powers)
        if name == "diag" and not declared and len(args) == 1:
            return self._diagonal(args[0])
        if name in ("max", "min") and len(args) > 1 and not declared:
            sign = 1 if name == "max" else -1
            return self._together(
                args, lambda many: self.arena.maximum(list(many), sign), "compared", spread=True
            )
        if len(args) != 1:
            raise NotUnderstood(f"{name} of {len(args)} arguments")
        if declared:
            return self._each(lambda c: self.instance.apply(name, f.primes, c), args[0])
        if f.primes:
            return self._each(lambda c: self._primed(name, f.primes, c), args[0])
        return self._each(self._known(name), args[0])

    def _squares(self, value: Arr) -> list[Node]:
        """The squares of the entries of a vector, marked."""
        marked = self._marks(value.keys[0] or value.keys[1], len(value.cells))
        return [
            self.arena.marked(self.arena.power(c, 2), m)
            for c, m in zip(value.cells, marked, strict=True)
        ]

    def _diagonal(self, value: Value) -> Value:
        """The diagonal matrix of a column; the column of the entries of a diagonal matrix."""
        if isinstance(value, Arr) and value.rows == value.cols > 1:
            return self._entries_of_diagonal(value)
        if not isinstance(value, Arr) or value.cols != 1:
            raise NotUnderstood("the diagonal matrix of something that is no column")
        n = value.rows
        cells = tuple(
            value.cells[i] if i == j else self.arena.zero for i in range(n) for j in range(n)
        )
        return Arr(n, n, cells, (value.keys[0], value.keys[0]))

    def _entries_of_diagonal(self, value: Arr) -> Arr:
        """Raises IllFormed where an entry beside the diagonal is not 0."""
        n = value.rows
        if any(
            value.cells[i * n + j] != self.arena.zero for i in range(n) for j in range(n) if i != j
        ):
            raise IllFormed("a matrix that is not diagonal stands for its diagonal")
        return Arr(n, 1, tuple(value.cells[i * n + i] for i in range(n)), (value.keys[0], ""))

    def _known(self, name: str) -> Callable[[Node], Node]:
        if name == "sqrt":
            return lambda c: self.arena.root(c, 2)
        if name not in _ONE:
            raise IllFormed(f"the function '{name}' is not declared")
        return getattr(self.arena, name)  # type: ignore[no-any-return]

    def _primed(self, name: str, primes: int, argument: Node) -> Node:
        from symbackprop.judging.tangent import local_gradient

        spot = self.arena.var(f"#{name}")
        value = self._known(name)(spot)
        for _ in range(primes):
            value = local_gradient(self.arena, value).get(spot, self.arena.zero)
        return self.arena.substitute(value, {spot: argument})

    def _each(self, change: Callable[[Node], Node], value: Value) -> Value:
        if isinstance(value, Arr):
            return Arr(value.rows, value.cols, tuple(change(c) for c in value.cells), value.keys)
        return change(value)

    def _together(
        self, values: list[Value], join: Callable[[Any], Node], what: str, spread: bool = False
    ) -> Value:
        """Entry by entry over equal shapes; a 1x1 array counts as a number."""
        arrays = [v for v in values if isinstance(v, Arr)]
        if not arrays:
            return join(values)
        big = [v for v in arrays if (v.rows, v.cols) != (1, 1)]
        if not big:
            one = join([v.cells[0] if isinstance(v, Arr) else v for v in values])
            return Arr(1, 1, (one,))
        first = big[0]
        for v in big[1:]:
            if (v.rows, v.cols) != (first.rows, first.cols):
                raise IllFormed(f"shapes {first.shape} and {v.shape} cannot be {what}")
        if len(big) < len(values) and what == "added" and not spread:
            small = [v for v in values if v not in big]
            if any(v != self.arena.zero for v in small):
                raise IllFormed(f"a number and an array of shape {first.shape} cannot be added")
        columns = []
        for value in values:
            if isinstance(value, Arr) and (value.rows, value.cols) != (1, 1):
                columns.append(value.cells)
            else:
                one = value.cells[0] if isinstance(value, Arr) else value
                columns.append((one,) * len(first.cells))
        cells = tuple(join(c) for c in zip(*columns, strict=True))
        keys = tuple(next((v.keys[k] for v in big if v.keys[k]), "") for k in (0, 1))
        return Arr(first.rows, first.cols, cells, (keys[0], keys[1]))

"""From scalar statements to array operations.

    z1[n,j] = sum(k, W1[j,k]*x[n,k]) + b1[j]    ->    x @ W1.T + b1

Every sub-expression becomes an array together with the letters of its axes. A sum of products of
two arrays is a matrix product, dot product or tensor contraction; what has no summed letter is
element-wise, aligned by broadcasting. Nothing is copied to be transposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from symbackprop.errors import UnsupportedForm, printable
from symbackprop.export.graph import Graph, Node
from symbackprop.export.plain import is_largest
from symbackprop.export.program import Array
from symbackprop.export.stable import LOGISTIC, SOFTPLUS

Letters = tuple[sp.Symbol, ...]
Ranges = dict[sp.Symbol, tuple[sp.Expr, sp.Expr]]


@dataclass(frozen=True, slots=True)
class Valued:
    """An array and the letters of its axes."""

    node: Node
    letters: Letters


UNARY = {
    "exp": "exp",
    "log": "log",
    "tanh": "tanh",
    "sinh": "sinh",
    "cosh": "cosh",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "atan": "arctan",
    "Abs": "abs",
    "sign": "sign",
}

RELATIONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}


class Vectoriser:
    """Expressions of one statement; `base` gives the node of an array, `fixed` letters are loops'."""

    def __init__(
        self,
        graph: Graph,
        arrays: dict[str, Array],
        nodes: dict[str, Node],
        fixed: frozenset[sp.Symbol],
    ) -> None:
        self.graph = graph
        self.arrays = arrays
        self.nodes = nodes
        self.fixed = fixed
        self.want: list[sp.Symbol] = []
        self.ranges: Ranges = {}

    def statement(self, rhs: sp.Expr, letters: Sequence[sp.Symbol], ranges: Ranges) -> Node:
        """The value of `rhs` with exactly the axes `letters`, in this order."""
        self.want = list(letters)
        self.ranges = dict(ranges)
        value = self.value(rhs)
        return self.full(value, tuple(letters))

    # --- alignment ---------------------------------------------------------------------------

    def count(self, letter: sp.Symbol) -> sp.Expr:
        lower, upper = self.ranges[letter]
        return sp.expand(upper - lower + 1)

    def sorted(self, letters: set[sp.Symbol] | frozenset[sp.Symbol]) -> Letters:
        for letter in sorted(letters - set(self.want), key=str):
            self.want.append(letter)
        return tuple(x for x in self.want if x in letters)

    def aligned(self, value: Valued, letters: Letters) -> Node:
        """Axes in the order of `letters`, with length-1 axes where it has none."""
        if value.letters == letters or not value.letters:
            return value.node
        order = tuple(value.letters.index(x) for x in letters if x in value.letters)
        node = self.graph.transpose(value.node, order)
        return self.graph.expand(node, tuple(x in value.letters for x in letters))

    def full(self, value: Valued, letters: Letters) -> Node:
        node = self.aligned(value, letters)
        dims = tuple(self.count(x) for x in letters)
        if set(value.letters) == set(letters):
            return node
        return self.graph.make("broadcast", (node,), (dims,), dims, node.kind)

    def elementwise(self, name: str, *values: Valued, kind: str = "float") -> Valued:
        letters = max((v.letters for v in values), key=len)
        if any(set(v.letters) - set(letters) for v in values):
            letters = self.sorted({x for v in values for x in v.letters})
        return Valued(
            self.graph.ew(name, *(self.aligned(v, letters) for v in values), kind=kind), letters
        )

    # --- expressions -------------------------------------------------------------------------

    def value(self, expr: sp.Expr) -> Valued:
        if isinstance(expr, sp.Number | sp.NumberSymbol) or (
            isinstance(expr, sp.Pow | sp.Mul) and expr.is_number
        ):
            return Valued(self.graph.number(expr), ())
        if isinstance(expr, sp.Symbol):
            return self._symbol(expr)
        if isinstance(expr, sp.Indexed):
            return self._entry(expr)
        if expr.is_Add:
            return self._add(expr)
        if expr.is_Mul:
            return self._mul(expr)
        if isinstance(expr, sp.Pow):
            return self._power(expr)
        if isinstance(expr, sp.Sum):
            return self._sum(expr)
        if isinstance(expr, sp.Piecewise):
            return self._cases(expr)
        if isinstance(expr, sp.Max | sp.Min):
            name = "maximum" if isinstance(expr, sp.Max) else "minimum"
            args = sorted(expr.args, key=lambda a: a.is_number)
            result = self.value(args[0])
            for other in args[1:]:
                result = self.elementwise(name, result, self.value(other))
            return result
        if isinstance(expr, sp.core.relational.Relational):
            return self.elementwise(
                RELATIONS[expr.rel_op], self.value(expr.lhs), self.value(expr.rhs), kind="bool"
            )
        if isinstance(expr, sp.And | sp.Or):
            name = "logical_and" if isinstance(expr, sp.And) else "logical_or"
            parts = [self.value(a) for a in sorted(expr.args, key=str)]
            result = parts[0]
            for part in parts[1:]:
                result = self.elementwise(name, result, part, kind="bool")
            return result
        if isinstance(expr, sp.KroneckerDelta):
            same = sp.Eq(expr.args[0], expr.args[1], evaluate=False)
            return self._cases(sp.Piecewise((1, same), (0, True), evaluate=False))
        if isinstance(expr, sp.Function):
            return self._call(expr)
        raise UnsupportedForm(f"{printable(str(expr))} has no array form")

    def _call(self, expr: sp.Expr) -> Valued:
        if is_largest(expr):
            return self._largest(expr)
        name = expr.func.__name__
        u = self.value(expr.args[0])
        half = Valued(self.graph.number(sp.Rational(1, 2)), ())
        if name == LOGISTIC:
            # 1/2 + tanh(u/2)/2: no overflow at either end.
            inner = self.elementwise("tanh", self.elementwise("multiply", u, half))
            return self.elementwise("add", self.elementwise("multiply", inner, half), half)
        if name == SOFTPLUS:
            return self.elementwise("softplus", u)
        if name not in UNARY:
            raise UnsupportedForm(f"the function {printable(name)} has no code")
        return self.elementwise(UNARY[name], u)

    def _symbol(self, expr: sp.Symbol) -> Valued:
        if expr.name in self.nodes and not expr.is_integer:
            return Valued(self.nodes[expr.name], ())
        if expr in self.ranges and expr not in self.fixed:
            lower, upper = self.ranges[expr]
            node = self.graph.make("iota", (), (lower, upper), (self.count(expr),), "int")
            return Valued(node, (expr,))
        # A size known at run time, or the letter of a loop.
        return Valued(self.graph.make("scalar", (), (expr,), (), "int"), ())

    # --- entries -----------------------------------------------------------------------------

    def _entry(self, expr: sp.Indexed) -> Valued:
        name = str(expr.base.label)
        array = self.arrays[name]
        node = self.nodes[name]
        order = array.stored or tuple(range(len(array.bounds)))
        bounds = [array.bounds[p] for p in order]
        indices = [expr.indices[p] for p in order]
        letters: list[sp.Symbol] = []
        pattern: list[tuple[object, ...]] = []
        for place, (lower, upper) in zip(indices, bounds, strict=True):
            free = [x for x in place.free_symbols if x in self.ranges and x not in self.fixed]
            if not free:
                pattern.append(("at", sp.expand(place - lower)))
                continue
            letter = free[0]
            shift = sp.expand(place - letter)
            if len(free) > 1 or shift.free_symbols & set(free) or letter in letters:
                return self._gathered(node, indices, bounds)
            low, high = self.ranges[letter]
            letters.append(letter)
            start, stop = sp.expand(low + shift - lower), sp.expand(high + shift - lower + 1)
            if start == 0 and stop == sp.expand(upper - lower + 1):
                pattern.append(("all",))
            else:
                pattern.append(("part", start, stop))
        if node.op == "step":
            # A part that exists only within this step of a loop: its loop axis is gone.
            made = node.attrs[0]
            node = node.args[0]
            pattern = [p for p, own in zip(pattern, made, strict=True) if own[0] != "at"]
        if any(p[0] != "all" for p in pattern):
            dims = tuple(self.count(x) for x in letters)
            node = self.graph.make("slice", (node,), tuple(pattern), dims, node.kind)
        return Valued(node, tuple(letters))

    def _gathered(
        self,
        node: Node,
        indices: Sequence[sp.Expr],
        bounds: Sequence[tuple[sp.Expr, sp.Expr]],
    ) -> Valued:
        """Any other index pattern: one integer array for each axis (x[t+s], diagonals)."""
        places = [
            self._integers(sp.expand(i - lower))
            for i, (lower, _) in zip(indices, bounds, strict=True)
        ]
        letters = self.sorted({x for p in places for x in p.letters})
        nodes = tuple(self.aligned(p, letters) for p in places)
        dims = tuple(self.count(x) for x in letters)
        return Valued(self.graph.make("gather", (node, *nodes), (), dims, node.kind), letters)

    def _integers(self, place: sp.Expr) -> Valued:
        """An index as an integer array: letters times whole numbers, plus sizes and numbers."""
        result: Valued | None = None
        rest: sp.Expr = sp.S.Zero
        for term in sp.Add.make_args(place):
            letters = [x for x in term.free_symbols if x in self.ranges and x not in self.fixed]
            if not letters:
                rest += term
                continue
            (letter,) = letters
            factor = term / letter
            if not factor.is_Integer:
                raise UnsupportedForm(f"the index {printable(str(place))} has no array form")
            value = self._symbol(letter)
            if factor != 1:
                times = Valued(self.graph.make("scalar", (), (factor,), (), "int"), ())
                value = self.elementwise("multiply", value, times, kind="int")
            result = value if result is None else self.elementwise("add", result, value, kind="int")
        if result is None or rest != 0:
            shift = Valued(self.graph.make("scalar", (), (rest,), (), "int"), ())
            result = shift if result is None else self.elementwise("add", result, shift, kind="int")
        return result

    # --- sums and products -------------------------------------------------------------------

    def _add(self, expr: sp.Add) -> Valued:
        # The largest first, so that the others are added into it; differences after sums.
        terms = sorted(
            expr.args,
            key=lambda t: (t.is_number, t.could_extract_minus_sign(), not t.has(sp.Sum)),
        )
        if expr.args and terms[0].could_extract_minus_sign():
            terms.sort(key=lambda t: t.could_extract_minus_sign())
        result = self.value(terms[0])
        for term in terms[1:]:
            if term.could_extract_minus_sign():
                result = self.elementwise("subtract", result, self.value(-term))
            else:
                result = self.elementwise("add", result, self.value(term))
        return result

    def _mul(self, expr: sp.Mul) -> Valued:
        number, rest = expr.as_coeff_Mul()
        top: list[sp.Expr] = []
        bottom: list[sp.Expr] = []
        for factor in sp.Mul.make_args(rest):
            base, power = factor.as_base_exp()
            if isinstance(factor, sp.Pow) and power.is_Rational and power < 0:
                bottom.append(base ** (-power))
            else:
                top.append(factor)
        values = [self._factor(f) for f in top]
        # Small arrays are multiplied first; masks last.
        values.sort(key=lambda v: (v.node.kind == "bool", len(v.letters)))
        if number not in (1, -1):
            values.insert(0, Valued(self.graph.number(abs(number)), ()))
        result = self._product(values)
        for factor in bottom:
            divisor = self.value(factor)
            if result is None:
                result = Valued(self.graph.number(sp.S.One), ())
            result = self.elementwise("divide", result, divisor)
        if result is None:
            result = Valued(self.graph.number(sp.S.One), ())
        return self.elementwise("negative", result) if number < 0 else result

    def _product(self, values: list[Valued]) -> Valued | None:
        result: Valued | None = None
        for value in values:
            result = value if result is None else self.elementwise("multiply", result, value)
        return result

    def _factor(self, expr: sp.Expr) -> Valued:
        """A factor; one that is 1 where a condition holds, else 0, becomes the condition."""
        if isinstance(expr, sp.Piecewise) and len(expr.args) == 2:
            (first, condition), (second, _) = expr.args
            if first == 1 and second == 0:
                return self.value(condition)
        return self.value(expr)

    def _power(self, expr: sp.Pow) -> Valued:
        base, power = expr.args
        if power == -1:
            return self.elementwise(
                "divide", Valued(self.graph.number(sp.S.One), ()), self.value(base)
            )
        if power == 2:
            return self.elementwise("square", self.value(base))
        if power == sp.Rational(1, 2):
            return self.elementwise("sqrt", self.value(base))
        if power.is_number and power < 0:
            return self.elementwise(
                "divide", Valued(self.graph.number(sp.S.One), ()), self.value(base**-power)
            )
        if power == 3:
            value = self.value(base)
            return self.elementwise("multiply", self.elementwise("square", value), value)
        return self.elementwise("power", self.value(base), self.value(power))

    def _cases(self, expr: sp.Piecewise) -> Valued:
        rows = list(expr.args)
        result = self.value(rows[-1][0])
        if rows[-1][1] != sp.true:
            zero = Valued(self.graph.number(sp.S.Zero), ())
            result = self.elementwise("where", self.value(rows[-1][1]), result, zero)
        for value, condition in reversed(rows[:-1]):
            result = self.elementwise("where", self.value(condition), self.value(value), result)
        return result

    def _largest(self, expr: sp.Expr) -> Valued:
        body, letter, lower, upper = expr.args
        with_letter = self._inside(((letter, lower, upper),))
        value = self.value(body)
        axis = value.letters.index(letter)
        node = self.graph.reduce("max", value.node, (axis,))
        self._outside(with_letter)
        return Valued(node, tuple(x for x in value.letters if x != letter))

    def _inside(self, limits: Sequence[tuple[sp.Symbol, sp.Expr, sp.Expr]]) -> Ranges:
        before = dict(self.ranges)
        for letter, lower, upper in limits:
            self.ranges[letter] = (lower, upper)
        return before

    def _outside(self, before: Ranges) -> None:
        # Ranges of letters stay known where results still carry them; a bound letter never does.
        self.ranges = before

    def _sum(self, expr: sp.Sum) -> Valued:
        limits = [(x, lo, up) for x, lo, up in expr.limits]
        before = self._inside(limits)
        terms = [
            self._summed(term, {x for x, _, _ in limits})
            for term in sp.Add.make_args(expr.function)
        ]
        # Counts of bound letters are needed up to here.
        result = terms[0]
        for term in terms[1:]:
            result = self.elementwise("add", result, term)
        self._outside(before)
        return result

    def _summed(self, term: sp.Expr, bound: set[sp.Symbol]) -> Valued:
        from symbackprop.export.contract import contraction

        number, rest = term.as_coeff_Mul()
        if rest.is_Add:
            number, rest = sp.S.One, term
        outside: list[Valued] = []
        inside: list[Valued] = []
        for factor in sp.Mul.make_args(rest):
            if isinstance(factor, sp.Pow) and factor.exp == 2 and factor.free_symbols & bound:
                base = self.value(factor.base)
                inside += [base, base] if set(base.letters) & bound else []
                outside += [] if set(base.letters) & bound else [self.value(factor)]
                continue
            value = self._factor(factor)
            (inside if set(value.letters) & bound else outside).append(value)
        result = contraction(self, inside, bound) if inside else None
        summed_over = {x for v in inside for x in v.letters} & bound
        for letter in sorted(bound - summed_over, key=str):
            # A sum of equal terms: times their number.
            outside.append(self.value(self.count(letter)))
        if abs(number) != 1:
            outside.insert(0, Valued(self.graph.number(abs(number)), ()))
        outside.sort(key=lambda v: len(v.letters))
        scale = self._product(outside)
        if result is None:
            result = scale or Valued(self.graph.number(sp.S.One), ())
        elif scale is not None:
            result = self.elementwise("multiply", scale, result)
        return self.elementwise("negative", result) if number < 0 else result

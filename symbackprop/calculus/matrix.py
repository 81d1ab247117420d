r"""The matrix view: index form lifted to matrix form by recognising how indices are paired.

    sum(k, W[j,k] x[k])            ->  W x                  the summed index stands second
    sum(k, W[k,j] d.z[k])          ->  W^T d.z              ... first: transposed
    d.z[j] a[k]                    ->  d.z a^T              no sum, two free indices
    sum(n, d.z[n,j] a[n,k])        ->  D^T A  or  D A^T     samples as rows or as columns
    b[j] in z[n,j]                 ->  1 b^T  or  b 1^T     used once for each sample
    c[j] f'(z[j])                  ->  c o f'(z)            entry by entry

What it means: a vector is a column; functions, fractions and powers of arrays work entry by entry;
a number added to an array is added to every entry. Layer and time indices stay as they are:
`Array("w", (l,))`. Nothing depends on the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.calculus.adjoint import Range
from symbackprop.calculus.letters import fresh, letters, product, put
from symbackprop.calculus.matrix_products import Products, Want, transpose
from symbackprop.calculus.written import Writer
from symbackprop.errors import UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula
from symbackprop.system.model import ADJOINT, Quantity, System

Bounds = Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]]


@dataclass(frozen=True, slots=True)
class Convention:
    """samples: the 'columns' or the 'rows' of a matrix; weights: whose index comes first,
    the 'receiver' or the 'sender'.
    """

    samples: str = "columns"
    weights: str = "receiver"


DEFAULT = Convention()
CONVENTIONS = tuple(Convention(s, w) for s in ("columns", "rows") for w in ("receiver", "sender"))


def lift(
    expr: sp.Expr,
    indices: Sequence[sp.Symbol],
    system: System,
    convention: Convention = DEFAULT,
    ranges: Sequence[Range] = (),
) -> Formula:
    """The array whose entry at `indices` is `expr`: rows are the first letter, columns the second.

    `ranges` are those of the free letters, layers and time included; without a range, that of the
    axis on which a letter stands is taken. Raises UnsupportedForm, saying what has no matrix form.
    """
    bounds = {letter: (lower, upper) for letter, lower, upper in ranges}
    return Lift(system, convention, bounds).lift(expr, tuple(indices))


def stored(
    quantity: Quantity, indices: Sequence[sp.Expr], convention: Convention
) -> tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...]]:
    """The leading (layer, time) indices of an entry, and those of its array as (row, column)."""
    kinds = [axis.kind for axis in quantity.axes]
    lead = 0
    while lead < len(kinds) and kinds[lead] in ("layer", "time"):
        lead += 1
    rest = tuple(indices[lead:])
    kinds = kinds[lead:]
    if len(rest) > 2 or any(kind in ("layer", "time") for kind in kinds):
        raise UnsupportedForm(
            f"'{quantity.name}' has {len(rest)} axes besides layer and time; a matrix has two"
        )
    if len(rest) == 2:
        flip = (
            convention.samples == "columns"
            if kinds[0] == "sample"
            else quantity.is_parameter and convention.weights == "sender"
        )
        rest = rest[::-1] if flip else rest
    return tuple(indices[:lead]), rest


class Lift(Products):
    """Lifts expressions of one system in one convention; `bounds` of the letters that are known."""

    def __init__(self, system: System, convention: Convention, bounds: Bounds) -> None:
        self.system = system
        self.convention = convention
        self.bounds = dict(bounds)
        self.write = Writer(system)

    # --- what an expression is about

    def quantity(self, entry: sp.Indexed) -> Quantity | None:
        return self.system.by_name.get(entry.base.label.name.removeprefix(ADJOINT))

    def axes(self, expr: sp.Basic) -> frozenset[sp.Symbol]:
        """The free letters on which an expression depends as an array (no layer, no time)."""
        if isinstance(expr, sp.Indexed):
            quantity = self.quantity(expr)
            if quantity is None:
                return frozenset()
            return frozenset(
                letter
                for axis, i in zip(quantity.axes, expr.indices, strict=True)
                if axis.kind not in ("layer", "time")
                for letter in letters(i)
            )
        if isinstance(expr, sp.Sum):
            return self.axes(expr.function) - {limit[0] for limit in expr.limits}
        return frozenset().union(*(self.axes(arg) for arg in expr.args))

    def ones(self, letter: sp.Symbol) -> Formula:
        if letter not in self.bounds:
            raise UnsupportedForm(f"the range of the index '{letter}' is not known")
        lower, upper = self.bounds[letter]
        return t.Ones(self.write(sp.expand(upper - lower + 1)))

    # --- by kind of node

    def lift(self, expr: sp.Expr, want: Want) -> Formula:
        have = self.axes(expr)
        if not have <= set(want):
            loose = ", ".join(sorted(x.name for x in have - set(want)))
            raise UnsupportedForm(f"the index {loose} stands on one side only")
        if not have and not isinstance(expr, sp.Sum):
            return self._number(expr, want)
        if isinstance(expr, sp.Indexed):
            return self._broadcast(expr, want, self._entry)
        if expr.is_Add:
            return t.add(*(self._term(term, want) for term in self.write.terms(expr)))
        if expr.is_Mul or isinstance(expr, sp.Sum):
            return self._product(expr, want)
        if isinstance(expr, sp.Pow):
            return self._power(expr, want)
        return self._broadcast(expr, want, self._call)

    def _number(self, expr: sp.Expr, want: Want) -> Formula:
        body = self._scalar(expr)
        ones = [self.ones(letter) for letter in want]
        if not ones:
            return body
        whole = ones[0] if len(ones) == 1 else t.MatMul((ones[0], t.Transpose(ones[1])))
        return whole if body == t.ONE else t.mul(body, whole)

    def _scalar(self, expr: sp.Expr) -> Formula:
        """A number, all of whose sums (if any) are products of arrays."""
        if not expr.has(sp.Sum):
            return self.write(expr)
        if expr.is_Add:
            return t.add(*(self._scalar(term) for term in self.write.terms(expr)))
        if expr.is_Mul or isinstance(expr, sp.Sum):
            return self._product(expr, ())
        if isinstance(expr, sp.Pow):
            return self._power(expr, ())
        return self._call(expr, ())

    def _term(self, term: sp.Expr, want: Want) -> Formula:
        """A term of a sum: numbers stay numbers, they are added to every entry."""
        if want and not letters(term) and term.is_number:
            return self.write(term)
        return self.lift(term, want)

    def _broadcast(
        self, expr: sp.Expr, want: Want, make: Callable[[sp.Expr, Want], Formula]
    ) -> Formula:
        """`make` for the letters that the expression has, repeated along the others."""
        own = tuple(x for x in want if x in self.axes(expr))
        body = make(expr, own)
        if len(own) == len(want):
            return body
        if len(want) == 1:
            return t.mul(body, self.ones(want[0]))
        if own == want[:1]:
            return t.MatMul((body, t.Transpose(self.ones(want[1]))))
        return t.MatMul((self.ones(want[0]), transpose(body)))

    def _entry(self, expr: sp.Indexed, want: Want) -> Formula:
        quantity = self.quantity(expr)
        assert quantity is not None
        lead, rest = stored(quantity, expr.indices, self.convention)
        where = dict(zip(quantity.indices, expr.indices, strict=True))
        for axis, i in zip(quantity.axes, expr.indices, strict=True):
            if i not in rest:
                continue
            if not isinstance(i, sp.Symbol):
                raise UnsupportedForm(
                    f"the index '{i}' of '{quantity.name}' is shifted or fixed: no matrix form"
                )
            range_ = put(axis.lower, where), put(axis.upper, where)
            if self.bounds.setdefault(i, range_) != range_:
                raise UnsupportedForm(
                    f"'{i}' does not run over the whole axis of '{quantity.name}'"
                )
        array = t.Array(expr.base.label.name, tuple(self.write(i) for i in lead))
        if tuple(rest) == want:
            return array
        if tuple(rest[::-1]) == want:
            return t.Transpose(array)
        raise UnsupportedForm(f"'{quantity.name}' with one index twice is a diagonal, no matrix")

    def _call(self, expr: sp.Expr, want: Want) -> Formula:
        if isinstance(expr, sp.Piecewise | sp.KroneckerDelta):
            raise UnsupportedForm(
                "a formula by cases has no matrix form",
                hint="name the function that has the cases, and it is applied entry by entry",
            )
        if not isinstance(expr, sp.Function) or len(expr.args) != 1:
            raise UnsupportedForm(f"{expr.func.__name__} has no matrix form")
        name = expr.func.__name__
        plain = name.rstrip("'") if isinstance(expr, AppliedUndef) else name.lower()
        argument = self.lift(expr.args[0], want)
        return t.Call(plain, (argument,), len(name) - len(name.rstrip("'")))

    def _power(self, expr: sp.Pow, want: Want) -> Formula:
        if self.axes(expr.exp):
            raise UnsupportedForm("an exponent that depends on an index has no matrix form")
        base = self._broadcast(expr.base, want, self.lift)
        if expr.exp == 2 and want:
            return t.Hadamard((base, base))
        if expr.exp == -1:
            return t.Div(t.ONE, base)
        return t.Pow(base, self.write(expr.exp))

    # --- products and sums of products

    def _product(self, expr: sp.Expr, want: Want) -> Formula:
        if isinstance(expr, sp.Sum):
            return self._sum(expr, want)
        number, rest = expr.as_coeff_Mul()
        factors = list(sp.Mul.make_args(rest))
        negative = number.is_negative
        below = [f for f in factors if self._divides(f)]
        above = [f for f in factors if f not in below]
        scalars = [abs(number), *(f for f in above if not self.axes(f) and not f.has(sp.Sum))]
        arrays = [f for f in above if self.axes(f) or f.has(sp.Sum)]
        body = self._with_scalar(product(scalars), self._parts(arrays, frozenset(), want), want)
        if below:
            under = [sp.Pow(f.base, -f.exp) for f in self.write.factors(below)]
            lifted = [self.lift(f, tuple(x for x in want if x in self.axes(f))) for f in under]
            if any(self.axes(f) and self.axes(f) != set(want) for f in under):
                lifted = [self._broadcast(f, want, self.lift) for f in under]
            arrays_below = [f for f, e in zip(lifted, under, strict=True) if self.axes(e)]
            numbers = [f for f, e in zip(lifted, under, strict=True) if not self.axes(e)]
            foot = [t.Hadamard(tuple(arrays_below))] if len(arrays_below) > 1 else arrays_below
            body = t.Div(body, t.mul(*numbers, *foot))
        return t.Neg(body) if negative else body

    def _divides(self, factor: sp.Expr) -> bool:
        is_power = isinstance(factor, sp.Pow) and factor.exp.is_number and factor.exp.is_negative
        return is_power and (bool(self.axes(factor)) or factor.has(sp.Sum))

    def _with_scalar(self, scalar: sp.Expr, body: Formula | None, want: Want) -> Formula:
        if body is None:
            return self._number(scalar, want)
        if scalar == 1:
            return body
        sign, head = (True, -scalar) if scalar.could_extract_minus_sign() else (False, scalar)
        whole = body if head == 1 else t.mul(self.write(head), body)
        return t.Neg(whole) if sign else whole

    def _sum(self, expr: sp.Sum, want: Want) -> Formula:
        """A sum: over layers or time it stays a sum, over units and samples it is a product."""
        inner_sum = _one_sum_inside(expr)
        if inner_sum is not None:
            scalar, whole = inner_sum
            return self._with_scalar(scalar, self._sum(whole, want), want)
        taken = frozenset(want) | frozenset(self.bounds)
        function = expr.function
        limits: list[Range] = []
        for letter, lower, upper in reversed(expr.limits):
            if letter in taken:
                new = fresh(letter, taken | letters(function))
                function = put(function, {letter: new})
                limits = [(x, put(a, {letter: new}), put(b, {letter: new})) for x, a, b in limits]
                letter = new
            taken |= {letter}
            limits.append((letter, lower, upper))
        inner = Lift(self.system, self.convention, self.bounds)
        inner.write = self.write
        inner.bounds |= {x: (lower, upper) for x, lower, upper in limits}
        here = self.axes(function)
        kept = [r for r in limits if r[0] not in here and r[0] in letters(function)]
        empty = [r for r in limits if r[0] not in letters(function)]
        bound = frozenset(x for x, _, _ in limits if x in here)
        body = inner._summed(function, bound, want)
        for letter, lower, upper in reversed(kept):
            body = t.Sum(body, t.Idx(letter.name), self.write(lower), self.write(upper))
        for _, lower, upper in empty:
            body = t.mul(self.write(sp.expand(upper - lower + 1)), body)
        return body

    def _summed(self, function: sp.Expr, bound: frozenset[sp.Symbol], want: Want) -> Formula:
        if not bound:
            return self.lift(function, want)
        if function.is_Add and not (bound and self._is_one_array(function, bound, want)):
            return t.add(*(self._summed(a, bound, want) for a in self.write.terms(function)))
        number, rest = function.as_coeff_Mul()
        factors = list(sp.Mul.make_args(rest))
        scalars = [f for f in factors if not self.axes(f) and not f.has(sp.Sum)]
        arrays = [f for f in factors if f not in scalars]
        body = self._parts(arrays, bound, want)
        missing = bound - frozenset().union(*(self.axes(f) for f in arrays))
        count = [sp.expand(self.bounds[x][1] - self.bounds[x][0] + 1) for x in missing]
        return self._with_scalar(product((number, *scalars, *count)), body, want)

    def _is_one_array(self, function: sp.Expr, bound: frozenset[sp.Symbol], want: Want) -> bool:
        """Whether a sum of terms is one array to be summed as a whole (not several products)."""
        return all(isinstance(term, sp.Indexed) for term in sp.Add.make_args(function))


def _one_sum_inside(expr: sp.Sum) -> tuple[sp.Expr, sp.Sum] | None:
    """sum(n, c sum(j, f)) as c and the double sum; None if it is not of that form."""
    factors = sp.Mul.make_args(expr.function)
    sums = [f for f in factors if isinstance(f, sp.Sum)]
    others = [f for f in factors if f not in sums]
    bound = {limit[0] for limit in expr.limits}
    inner = {limit[0] for f in sums for limit in f.limits}
    if len(sums) != 1 or bound & inner or any(letters(f) & bound for f in others):
        return None
    return product(others), sp.Sum(sums[0].function, *sums[0].limits, *expr.limits)

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
from symbackprop.calculus.written import Writer
from symbackprop.errors import UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula
from symbackprop.system.model import ADJOINT, Quantity, System

Want = tuple[sp.Symbol, ...]
"""The letters of the result: () a number, (r,) a column, (r, c) a matrix, r its rows."""

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


def transpose(body: Formula) -> Formula:
    """The transpose; twice is not at all."""
    return body.body if isinstance(body, t.Transpose) else t.Transpose(body)


class Lift:
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

    def _parts(
        self, factors: list[sp.Expr], bound: frozenset[sp.Symbol], want: Want
    ) -> Formula | None:
        """The product of factors, summed over `bound`: parts that share no summed letter."""
        parts: list[tuple[set[sp.Symbol], list[sp.Expr]]] = []
        for factor in self.write.factors(factors):
            shared = set(self.axes(factor) & bound)
            joined = [p for p in parts if p[0] & shared]
            members = [f for p in joined for f in p[1]]
            parts = [p for p in parts if p not in joined]
            parts.append((shared.union(*(p[0] for p in joined)), [*members, factor]))
        lifted: list[tuple[Want, Callable[[Want], Formula]]] = []
        numbers: list[Formula] = []
        for shared, members in parts:
            own = frozenset().union(*(self.axes(f) for f in members)) - shared
            letters_of = tuple(x for x in want if x in own)
            if len(own) != len(letters_of):
                raise UnsupportedForm("an index stands on one side only")
            make = self._maker(members, shared)
            if letters_of:
                lifted.append((letters_of, make))
            else:
                numbers.append(make(()))
        body = self._combined(lifted, want)
        if body is None and not numbers:
            return None
        if body is None:
            whole = t.mul(*numbers)
            for_all = [self.ones(x) for x in want]
            return (
                t.mul(whole, *for_all)
                if len(want) < 2
                else t.mul(whole, self._number(sp.S.One, want))
            )
        return t.mul(*numbers, body)

    def _maker(self, members: list[sp.Expr], shared: set[sp.Symbol]) -> Callable[[Want], Formula]:
        if not shared:
            if len(members) == 1:
                return lambda want: self.lift(members[0], want)
            return lambda want: self._hadamard([self.lift(f, want) for f in members])
        return lambda want: self._chain(members, frozenset(shared), want)

    def _combined(
        self, parts: list[tuple[Want, Callable[[Want], Formula]]], want: Want
    ) -> Formula | None:
        """Parts without common sums: outer product, or entry by entry."""
        if not parts:
            return None
        groups: dict[Want, list[Formula]] = {}
        for own, make in parts:
            groups.setdefault(own, []).append(make(own))
        if len(want) < 2 or set(groups) == {want}:
            if set(groups) != {want}:
                raise UnsupportedForm("a column is repeated: no matrix form")
            return self._hadamard(groups[want])
        row, column = groups.pop(want[:1], None), groups.pop(want[1:], None)
        whole = groups.pop(want, [])
        if row and column:
            outer = t.MatMul((self._hadamard(row), transpose(self._hadamard(column))))
            return self._hadamard([*whole, outer])
        if row:
            spread: Formula = t.MatMul((self._hadamard(row), t.Transpose(self.ones(want[1]))))
        else:
            spread = t.MatMul((self.ones(want[0]), transpose(self._hadamard(column or []))))
        return self._hadamard([*whole, spread])

    def _hadamard(self, arrays: list[Formula]) -> Formula:
        flat: list[Formula] = []
        for array in arrays:
            flat.extend(array.factors if isinstance(array, t.Hadamard) else (array,))
        return flat[0] if len(flat) == 1 else t.Hadamard(tuple(flat))

    def _chain(self, members: list[sp.Expr], bound: frozenset[sp.Symbol], want: Want) -> Formula:
        """Factors that hang together by summed letters, as one product of matrices."""
        groups: dict[frozenset[sp.Symbol], list[sp.Expr]] = {}
        for member in members:
            groups.setdefault(self.axes(member), []).append(member)
        if any(len(g) > 2 or not g for g in groups):
            raise UnsupportedForm(
                "a product of arrays with more than two indices has no matrix form"
            )
        if not want and len(groups) == 1:
            return self._whole_sum(*next(iter(groups.items())))
        factors: list[Formula] = []
        if want:
            at = want[0]
        else:
            at = self._start(groups, bound)
            start = groups.pop(frozenset((at,)), None)
            factors.append(transpose(self._group(start, (at,)) if start else self.ones(at)))
        while True:
            key = next((g for g in groups if len(g) == 2 and at in g), None)
            if key is None:
                break
            (following,) = key - {at}
            factors.append(self._group(groups.pop(key), (at, following)))
            at = following
        if len(want) < 2:
            end = groups.pop(frozenset((at,)), None)
            factors.append(self._group(end, (at,)) if end else self.ones(at))
        if groups or (len(want) == 2 and at != want[1]):
            raise UnsupportedForm("the summed indices are not paired two by two: no matrix product")
        flat = [x for f in factors for x in (f.factors if isinstance(f, t.MatMul) else (f,))]
        return flat[0] if len(flat) == 1 else t.MatMul(tuple(flat))

    def _start(
        self, groups: Mapping[frozenset[sp.Symbol], list[sp.Expr]], bound: frozenset[sp.Symbol]
    ) -> sp.Symbol:
        """A number: start at a column if there is one, else at an end of the chain."""
        for group in groups:
            if len(group) == 1:
                return next(iter(group))
        ends = [x for x in sorted(bound, key=str) if sum(x in g for g in groups) == 1]
        if not ends:
            raise UnsupportedForm("a trace has no form as a product of matrices and columns")
        return ends[0]

    def _group(self, members: list[sp.Expr], want: Want) -> Formula:
        return self._hadamard([self.lift(f, want) for f in members])

    def _whole_sum(self, group: frozenset[sp.Symbol], members: list[sp.Expr]) -> Formula:
        """The sum of all entries: a squared norm, a product u^T v, or with columns of ones."""
        order = tuple(sorted(group, key=lambda x: x.name))
        if len(members) == 1 and isinstance(members[0], sp.Pow) and members[0].exp == 2:
            for want in (order, order[::-1]):
                body = self.lift(members[0].base, want)
                if not any(isinstance(node, t.Transpose) for node in body.walk()):
                    break
            return t.Pow(t.Norm(body), t.num(2))
        lifted = [self.lift(f, order) for f in members]
        if len(order) == 2:
            if any(isinstance(node, t.Transpose) for f in lifted for node in f.walk()):
                order = order[::-1]
                lifted = [self.lift(f, order) for f in members]
            rows, columns = (self.ones(x) for x in order)
            return t.MatMul((t.Transpose(rows), self._hadamard(lifted), columns))
        if len(lifted) == 1:
            return t.MatMul((t.Transpose(self.ones(order[0])), lifted[0]))
        return t.MatMul((transpose(lifted[0]), self._hadamard(lifted[1:])))


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

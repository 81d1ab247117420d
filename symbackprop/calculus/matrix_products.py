"""Products of arrays: which indices are paired, and so which product of matrices it is.

The factors of a term, with the letters that are summed, form a graph: a matrix joins its two
letters, a vector hangs on one. Factors that share a summed letter hang together, and a chain of
them is a matrix product; parts that share none stand side by side, as an outer product or entry by
entry.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import sympy as sp

from symbackprop.calculus.written import Writer
from symbackprop.errors import UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula

Want = tuple[sp.Symbol, ...]
"""The letters of the result: () a number, (r,) a column, (r, c) a matrix, r its rows."""


def transpose(body: Formula) -> Formula:
    """The transpose; twice is not at all."""
    return body.body if isinstance(body, t.Transpose) else t.Transpose(body)


class Products(ABC):
    """What a product of factors, summed over some letters, is as a product of arrays."""

    write: Writer

    @abstractmethod
    def axes(self, expr: sp.Basic) -> frozenset[sp.Symbol]:
        """The free letters on which an expression depends as an array."""

    @abstractmethod
    def ones(self, letter: sp.Symbol) -> Formula:
        """A column of ones, one for each value of the letter."""

    @abstractmethod
    def lift(self, expr: sp.Expr, want: Want) -> Formula:
        """The array whose entry at `want` is the expression."""

    @abstractmethod
    def _number(self, expr: sp.Expr, want: Want) -> Formula:
        """A number, for every entry at `want`."""

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

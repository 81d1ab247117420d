"""The whole formula of a derivative: every adjoint name replaced by what it stands for."""

from __future__ import annotations

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, AdjointSystem, Range
from symbackprop.calculus.contract import at_most
from symbackprop.calculus.letters import letters, mentioned, put, rebuilt
from symbackprop.errors import UnsupportedForm
from symbackprop.system.model import ADJOINT


def expanded(adjoints: AdjointSystem, name: str) -> sp.Expr:
    """dJ/d name at its canonical letters, in quantities of the forward pass only.

    The size grows with the depth (and doubles at every residual connection): that is what the names
    of the adjoints save. Raises UnsupportedForm for a recursion.
    """
    wanted = adjoints.of(name)
    where = {letter: (lower, upper) for letter, lower, upper in ranges(wanted)}
    return _Expansion(adjoints).entry(name, wanted.indices, where)


def ranges(adjoint: Adjoint) -> tuple[Range, ...]:
    """The full range of each letter of an adjoint."""
    return tuple((axis.index, axis.lower, axis.upper) for axis in adjoint.quantity.axes)


Bounds = dict[sp.Symbol, tuple[sp.Expr, sp.Expr]]


class _Expansion:
    def __init__(self, adjoints: AdjointSystem) -> None:
        self.adjoints = adjoints
        self.open: list[str] = []
        self.known: dict[tuple[object, ...], sp.Expr] = {}

    def entry(self, name: str, indices: tuple[sp.Expr, ...], bounds: Bounds) -> sp.Expr:
        if name in self.open:
            raise UnsupportedForm(
                f"the derivative by '{name}' is a recursion: it has no formula of fixed length",
                hint="use its cases, or give the depth or the number of time steps as a number",
            )
        adjoint = self.adjoints.of(name)
        guard, expr = self._case(adjoint, indices, bounds)
        where = dict(zip(adjoint.indices, indices, strict=True))
        inner = {x: (put(lo, where), put(up, where)) for x, lo, up in guard}
        self.open.append(name)
        whole = self.expand(put(expr, where), {**bounds, **inner})
        self.open.pop()
        return whole

    def _case(
        self, adjoint: Adjoint, indices: tuple[sp.Expr, ...], bounds: Bounds
    ) -> tuple[tuple[Range, ...], sp.Expr]:
        if len(adjoint.cases) == 1:
            return adjoint.cases[0]
        where = dict(zip(adjoint.indices, indices, strict=True))
        for guard, expr in adjoint.cases:
            if all(
                self._inside(where[x], put(lo, where), put(up, where), bounds)
                for x, lo, up in guard
            ):
                return guard, expr
        raise UnsupportedForm(
            f"the derivative by '{adjoint.quantity.name}' has cases that the indices do not decide"
        )

    def _inside(self, value: sp.Expr, lower: sp.Expr, upper: sp.Expr, bounds: Bounds) -> bool:
        low, high = value, value
        for letter in letters(value) & bounds.keys():
            if sp.expand(value).coeff(letter) != 1:
                return False
            low, high = (
                put(low, {letter: bounds[letter][0]}),
                put(high, {letter: bounds[letter][1]}),
            )
        return at_most(lower, low) and at_most(high, upper)

    def expand(self, expr: sp.Expr, bounds: Bounds) -> sp.Expr:
        if not any(name.startswith(ADJOINT) for name in mentioned(expr)):
            return expr
        # The ranges of the letters may decide a case, so they belong to the key.
        key = (expr, *sorted((x.name, bounds[x]) for x in letters(expr) & bounds.keys()))
        if key in self.known:
            return self.known[key]
        if isinstance(expr, sp.Indexed):
            name = expr.base.label.name.removeprefix(ADJOINT)
            result = self.entry(name, tuple(expr.indices), bounds)
        elif isinstance(expr, sp.Symbol):
            result = self.entry(expr.name.removeprefix(ADJOINT), (), bounds)
        elif isinstance(expr, sp.Sum):
            inner = {**bounds, **{x: (lo, up) for x, lo, up in expr.limits}}
            result = sp.Sum(self.expand(expr.function, inner), *expr.limits)
        else:
            result = rebuilt(expr, tuple(self.expand(arg, bounds) for arg in expr.args))
        self.known[key] = result
        return result

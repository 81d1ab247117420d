"""SymPy expressions as Formulas, in the order in which a textbook writes terms and factors.

SymPy keeps no order, so the order comes from what the pieces mean:

* a sum: what is added before what is subtracted; weighted sums before a bias, the cost before the
  weight decay; short before long; entries by their indices (`1 - a`, `a - y`; in an index `l + 1`);
* a product: number and sizes, weights, errors, targets, other entries, differences, functions;
  what divides stands under a fraction bar, numbers and sizes under one of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.calculus.letters import mentioned
from symbackprop.errors import UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula
from symbackprop.system.model import ADJOINT, System

_NAMES: Mapping[Any, str] = {sp.Abs: "abs", sp.Max: "max", sp.Min: "min"}
_RELATIONS: Mapping[Any, str] = {
    sp.Gt: ">", sp.Ge: ">=", sp.Lt: "<", sp.Le: "<=", sp.Eq: "=", sp.Ne: "!=",
}  # fmt: skip


class Writer:
    """Writes expressions of one system. `leaves` says how further symbols are written."""

    def __init__(
        self, system: System | None = None, leaves: Mapping[sp.Expr, Formula] | None = None
    ) -> None:
        self.system = system
        self.leaves: dict[sp.Expr, Formula] = dict(leaves or {})
        self.roles = {q.name: q for q in system.quantities} if system else {}
        self._known: dict[sp.Basic, Formula] = {}

    def __call__(self, expr: sp.Basic) -> Formula:
        if expr not in self._known:
            self._known[expr] = self._write(expr)
        return self._known[expr]

    # --- by kind of node

    def _write(self, expr: sp.Basic) -> Formula:
        if expr in self.leaves:
            return self.leaves[expr]
        if isinstance(expr, sp.Rational):
            return t.num(f"{expr.p}/{expr.q}" if expr.q != 1 else str(expr.p))
        if isinstance(expr, sp.Float):
            text = t.Num(str(abs(expr)))
            return t.Neg(text) if expr < 0 else text
        if isinstance(expr, sp.Symbol):
            # An index letter may be called like a quantity; only it is known to be an integer.
            return t.Idx(expr.name) if expr.is_integer else t.Ref(expr.name)
        if isinstance(expr, sp.Indexed):
            return t.Ref(expr.base.label.name, tuple(self(i) for i in expr.indices))
        if expr.is_Add:
            return self._sum_of_terms(expr)
        if expr.is_Mul:
            return self._product(expr)
        if isinstance(expr, sp.Sum):
            body = self(expr.function)
            for letter, lower, upper in expr.limits:
                body = t.Sum(body, t.Idx(letter.name), self(lower), self(upper))
            return body
        if isinstance(expr, sp.Pow):
            return self._power(expr)
        if isinstance(expr, sp.Piecewise):
            return self._cases(expr)
        return self._other(expr)

    def _other(self, expr: sp.Basic) -> Formula:
        args = tuple(self(a) for a in expr.args)
        if isinstance(expr, AppliedUndef):
            name = expr.func.__name__
            return t.Call(name.rstrip("'"), args, len(name) - len(name.rstrip("'")))
        if isinstance(expr, sp.KroneckerDelta):
            return t.Bracket(t.Chain(args, ("=",)))
        if type(expr) in _RELATIONS:
            return t.Chain(args, (_RELATIONS[type(expr)],))
        if isinstance(expr, sp.Function):
            return t.Call(_NAMES.get(type(expr), expr.func.__name__), args)
        if expr is sp.pi:
            return t.Sym("pi")
        if expr is sp.E:
            return t.Call("exp", (t.ONE,))
        raise UnsupportedForm(f"no way to write {expr.func.__name__} down as a formula")

    def _power(self, expr: sp.Pow) -> Formula:
        if expr.exp == sp.Rational(1, 2):
            return t.Call("sqrt", (self(expr.base),))
        if expr.exp.is_Number and expr.exp.is_negative:
            return t.Div(t.ONE, self(sp.Pow(expr.base, -expr.exp)))
        return t.Pow(self(expr.base), self(expr.exp))

    def _cases(self, expr: sp.Piecewise) -> Formula:
        rows = list(expr.args)
        if len(rows) == 2 and rows[1] == (0, True) and isinstance(rows[0][1], sp.And):
            brackets = [t.Bracket(self(c)) for c in sorted(rows[0][1].args, key=str)]
            return t.mul(self(rows[0][0]), *brackets)
        return t.Cases(tuple((self(v), None if c == True else self(c)) for v, c in rows))  # noqa: E712

    # --- order of terms

    def _sum_of_terms(self, expr: sp.Expr) -> Formula:
        return t.add(*(self(term) for term in self.terms(expr)))

    def terms(self, expr: sp.Expr) -> list[sp.Expr]:
        """The terms of a sum, in writing order."""
        return sorted(sp.Add.make_args(expr), key=self._term_key)

    def _term_key(self, term: sp.Expr) -> tuple[Any, ...]:
        negative = bool(term.as_coeff_Mul()[0].is_negative)
        names = mentioned(term)
        if _is_index(term) and not names & self.roles.keys():
            return (negative, 0, bool(term.is_Number), 0, str(term))
        roles = {self._role(name) for name in names}
        late = roles <= {"weight", "bias", "parameter", "constant", ""} and not term.is_Number
        return (negative, late, False, _size(term), _natural(term))

    def _role(self, name: str) -> str:
        if name.startswith(ADJOINT):
            return "error"
        return self.roles[name].role if name in self.roles else ""

    # --- order of factors

    def _product(self, expr: sp.Expr) -> Formula:
        number, rest = expr.as_coeff_Mul()
        over: list[sp.Expr] = []
        under: list[sp.Expr] = []
        plain_over: list[sp.Expr] = []
        plain_under: list[sp.Expr] = []
        for factor in sp.Mul.make_args(rest):
            base, power = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
            plain = self._plain(base)
            if power.is_Number and power.is_negative:
                (plain_under if plain else under).append(sp.Pow(base, -power))
            else:
                (plain_over if plain else over).append(factor)
        sign = number.is_negative
        number = abs(number)
        heads = [t.num(int(number.p))] if number.p != 1 else []
        heads += [self(f) for f in plain_over]
        feet = [t.num(int(number.q))] if number.q != 1 else []
        feet += [self(f) for f in plain_under]
        lead = [t.Div(t.mul(*heads), t.mul(*feet))] if feet else heads
        body = [self(f) for f in self.factors(over)]
        if under:
            body = [t.Div(t.mul(*body), t.mul(*(self(f) for f in self.factors(under))))]
        whole = t.mul(*lead, *body)
        return t.Neg(whole) if sign else whole

    def _plain(self, base: sp.Expr) -> bool:
        """Whether a factor is a size or a given constant, and so stands in front."""
        if not isinstance(base, sp.Symbol):
            return False
        return bool(base.is_integer) or self._role(base.name) == "constant"

    def factors(self, factors: list[sp.Expr]) -> list[sp.Expr]:
        """The factors of a product, in writing order."""
        return sorted(factors, key=self._factor_key)

    def _factor_key(self, factor: sp.Expr) -> tuple[Any, ...]:
        base = factor.base if isinstance(factor, sp.Pow) else factor
        rank = 6
        if isinstance(base, sp.Symbol | sp.Indexed):
            name = base.name if isinstance(base, sp.Symbol) else base.base.label.name
            role = self._role(name)
            rank = {"weight": 0, "parameter": 0, "error": 1, "target": 3}.get(role, 4)
        elif isinstance(base, sp.Sum):
            rank = 2
        elif base.is_Add:
            rank = 5
        elif isinstance(base, sp.KroneckerDelta):
            rank = 8
        return (rank, _natural(factor))


@lru_cache(maxsize=1 << 14)
def _size(expr: sp.Basic) -> int:
    """How long an expression is: the number of its nodes."""
    return 1 + sum(_size(arg) for arg in expr.args)


def _is_index(term: sp.Expr) -> bool:
    """Whether a term is a letter or a size, with a number before it perhaps, or an integer."""
    _, rest = term.as_coeff_Mul()
    return all(
        (isinstance(factor, sp.Symbol) and factor.is_integer) or factor.is_Integer
        for factor in sp.Mul.make_args(rest)
    )


def _natural(expr: sp.Basic) -> tuple[Any, ...]:
    """A key that sorts entries as a reader counts: W[1, 2] before W[1, 10], W2 before W10."""
    key: list[tuple[int, Any]] = []
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.Integer):
            key.append((0, int(node)))
        elif isinstance(node, sp.Symbol):
            key.append((1, node.name))
    return tuple(key)


def written(
    expr: sp.Basic, system: System | None = None, leaves: Mapping[sp.Expr, Formula] | None = None
) -> Formula:
    """The expression as a formula in textbook order."""
    return Writer(system, leaves)(expr)

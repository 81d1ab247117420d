"""Formula <-> SymPy, for scalar formulas over entries of quantities: the one place where they meet.

    to_sympy(Mul((Ref("W1", (Idx("j"), Num("1"))), Ref("x", (Num("1"),)))))  ->  W1[j, 1]*x[1]

Names become the symbols that `system.model.entry`, `index` and `size` make. Nothing is parsed and
nothing is simplified; SymPy's own constructors reorder, which is why `from_sympy` has an order of
its own: what is added before what is subtracted (`1 - a`, `a - y`), numbers before errors before
weights before the rest, and a fraction bar for what divides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.errors import UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula

_FUNCTIONS: Mapping[str, Any] = {
    "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "abs": sp.Abs, "max": sp.Max, "min": sp.Min,
    "sign": sp.sign, "tanh": sp.tanh, "sin": sp.sin, "cos": sp.cos, "tan": sp.tan,
    "sinh": sp.sinh, "cosh": sp.cosh,
}  # fmt: skip
_NAMES = {cls: name for name, cls in _FUNCTIONS.items() if isinstance(cls, type)}
_RELATIONS: Mapping[str, Any] = {
    "=": sp.Eq, "!=": sp.Ne, "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge,
}  # fmt: skip
_SIGNS = {cls: name for name, cls in _RELATIONS.items()}


# --- to SymPy -----------------------------------------------------------------------------------


def to_sympy(
    formula: Formula,
    *,
    sizes: Iterable[sp.Symbol] = (),
    cost: str = "J",
    leaf: Callable[[Formula], sp.Expr | None] | None = None,
) -> sp.Expr:
    """The formula as a SymPy expression.

    sizes: symbolic sizes (`size("m")`); an Idx or Ref of such a name is that symbol, every other
    Idx an index letter. A derivative of `cost` by an entry is the entry of its adjoint. `leaf` may
    give the expression of any node itself. Raises UnsupportedForm for arrays, written symbols,
    other derivatives.
    """
    return _ToSympy({s.name: s for s in sizes}, cost, leaf).expr(formula)


class _ToSympy:
    def __init__(
        self,
        sizes: Mapping[str, sp.Symbol],
        cost: str,
        leaf: Callable[[Formula], sp.Expr | None] | None,
    ) -> None:
        self.sizes, self.cost, self.leaf = sizes, cost, leaf

    def expr(self, f: Formula) -> sp.Expr:
        found = self.leaf(f) if self.leaf is not None else None
        if found is not None:
            return found
        match f:
            case t.Num():
                return sp.Rational(f.value.numerator, f.value.denominator)
            case t.Idx(name=name):
                return self.sizes.get(name) or sp.Symbol(name, integer=True)
            case t.Ref(name=name, indices=indices):
                label = self.sizes.get(name) or sp.Symbol(name, real=True)
                return sp.IndexedBase(label)[tuple(map(self.expr, indices))] if indices else label
            case t.Add(terms=terms):
                return sp.Add(*map(self.expr, terms))
            case t.Neg(body=body):
                return -self.expr(body)
            case t.Mul(factors=factors):
                return sp.Mul(*map(self.expr, factors))
            case t.Div(num=num, den=den):
                # Factor by factor: SymPy would multiply 2*(x + 1) out.
                below = [self.expr(d) for d in (den.factors if isinstance(den, t.Mul) else (den,))]
                if any(d == 0 for d in below):
                    raise UnsupportedForm("a division by zero")
                return sp.Mul(self.expr(num), *(1 / d for d in below))
            case t.Pow(base=base, exponent=exponent):
                return sp.Pow(self.expr(base), self.expr(exponent))
            case t.Call():
                return self._call(f)
            case t.Sum() | t.Prod():
                return self._big(f)
            case t.Bracket(condition=t.Chain(members=(left, right), relations=("=",))):
                return sp.KroneckerDelta(self.expr(left), self.expr(right))
            case t.Bracket(condition=condition):
                return sp.Piecewise((1, self.relation(condition)), (0, True))
            case t.Cases(rows=rows):
                pairs = [(self.expr(v), True if c is None else self.relation(c)) for v, c in rows]
                return sp.Piecewise(*pairs)
            case t.Deriv(of=t.Ref(name=self.cost, indices=()), by=t.Ref() as by):
                return self.expr(t.Ref(f"d.{by.name}", by.indices))
        raise UnsupportedForm(f"no SymPy expression for {type(f).__name__}")

    def _call(self, f: t.Call) -> sp.Expr:
        args = [self.expr(a) for a in f.args]
        if f.name in _FUNCTIONS and not f.primes:
            return _FUNCTIONS[f.name](*args)
        return sp.Function(f.name + "'" * f.primes, real=True)(*args)

    def _big(self, f: t.Sum | t.Prod) -> sp.Expr:
        if f.lower is None or f.upper is None:
            raise UnsupportedForm("a sum without bounds")
        limits = (self.expr(f.index), self.expr(f.lower), self.expr(f.upper))
        body = self.expr(f.body)
        return sp.Sum(body, limits) if isinstance(f, t.Sum) else sp.Product(body, limits)

    def relation(self, f: Formula) -> Any:
        """A condition as a SymPy relation (a conjunction for a longer chain)."""
        if not isinstance(f, t.Chain) or any(r not in _RELATIONS for r in f.relations):
            raise UnsupportedForm("a condition that is no comparison")
        members = [self.expr(m) for m in f.members]
        parts = [
            _RELATIONS[r](a, b)
            for r, a, b in zip(f.relations, members[:-1], members[1:], strict=True)
        ]
        return sp.And(*parts)


# --- from SymPy ---------------------------------------------------------------------------------


def from_sympy(
    expr: sp.Basic, *, rank: Callable[[str], int] | None = None, functions: Iterable[str] = ()
) -> Formula:
    """The expression as a formula, in textbook order.

    rank: where a factor with this quantity's name stands in a product (small numbers first); by
    default errors (`d.…`), then capital and lower-case `w` and `v`, then the rest. `functions`: if
    given, other undefined functions are refused. Raises UnsupportedForm for what has no formula.
    """
    return _FromSympy(rank or _rank, frozenset(functions)).form(expr)


def _rank(name: str) -> int:
    if name.startswith("d."):
        return 0
    return 1 if name[:1] in "wWvVuU" else 2


class _FromSympy:
    def __init__(self, rank: Callable[[str], int], functions: frozenset[str]) -> None:
        self.rank, self.functions = rank, functions
        self.of_integers = False  # inside an index expression

    def form(self, e: sp.Basic) -> Formula:
        if isinstance(e, sp.Rational):
            return t.num(sp_fraction(e))
        if isinstance(e, sp.Float):
            number: Formula = t.Num(f"{abs(float(e)):.15g}")
            return t.Neg(number) if e < 0 else number
        if isinstance(e, sp.Symbol):
            return t.Idx(e.name) if e.is_integer else t.Ref(e.name)
        if isinstance(e, sp.Indexed):
            return t.Ref(e.base.label.name, tuple(self.form(i) for i in e.indices))
        if isinstance(e, sp.Add):
            outer, self.of_integers = self.of_integers, bool(e.is_integer)
            terms = sorted(e.args, key=self.term_key)
            self.of_integers = outer
            return t.add(*(self.form(term) for term in terms))
        if isinstance(e, sp.Mul):
            return self.product(e)
        if isinstance(e, sp.Pow):
            return self.power(e)
        if isinstance(e, sp.Sum | sp.Product):
            kind = t.Sum if isinstance(e, sp.Sum) else t.Prod
            body = self.form(e.function)
            for letter, lower, upper in e.limits:
                body = kind(body, t.Idx(letter.name), self.form(lower), self.form(upper))
            return body
        return self.other(e)

    def other(self, e: sp.Basic) -> Formula:
        args = tuple(self.form(a) for a in e.args) if not isinstance(e, sp.Piecewise) else ()
        if isinstance(e, sp.KroneckerDelta):
            return t.Bracket(t.Chain(args, ("=",)))
        if isinstance(e, sp.Piecewise):
            rows = tuple((self.form(v), None if c == sp.true else self.form(c)) for v, c in e.args)
            return t.Cases(rows)
        if type(e) in _SIGNS:
            return t.Chain(args, (_SIGNS[type(e)],))
        if isinstance(e, AppliedUndef):
            name = e.func.__name__
            base = name.rstrip("'")
            if self.functions and base not in self.functions:
                raise UnsupportedForm(f"the function '{base}' is not one of the system")
            return t.Call(base, args, len(name) - len(base))
        if type(e) in _NAMES:
            return t.Call(_NAMES[type(e)], args)
        raise UnsupportedForm(f"no formula for SymPy's {e.func.__name__}")

    def power(self, e: sp.Pow) -> Formula:
        if e.base is sp.E:
            return t.Call("exp", (self.form(e.exp),))
        if e.exp == sp.Rational(1, 2):
            return t.Call("sqrt", (self.form(e.base),))
        if e.exp.could_extract_minus_sign():
            return t.Div(t.ONE, self.form(sp.Pow(e.base, -e.exp)))
        return t.Pow(self.form(e.base), self.form(e.exp))

    def product(self, e: sp.Mul) -> Formula:
        """-1/2 * x / (y*z) as -(x / (2 y z)) with numbers first; sums stand last."""
        number, rest = e.as_coeff_Mul()
        if not isinstance(number, sp.Rational):
            number, rest = sp.Integer(1), e
        above: list[sp.Expr] = []
        below: list[sp.Expr] = []
        for factor in sp.Mul.make_args(rest):
            down = isinstance(factor, sp.Pow) and factor.base is not sp.E
            if down and factor.exp.could_extract_minus_sign():
                below.append(sp.Pow(factor.base, -factor.exp))
            else:
                above.append(factor)
        num = [self.form(f) for f in sorted(above, key=self.factor_key)]
        den = [self.form(f) for f in sorted(below, key=self.factor_key)]
        value = abs(sp_fraction(number))
        if den:
            if value.denominator != 1:
                den.insert(0, t.num(value.denominator))
            if value.numerator != 1:
                num.insert(0, t.num(value.numerator))
            big = [f for f in num if isinstance(f, t.Sum | t.Prod)]
            plain = [f for f in num if not isinstance(f, t.Sum | t.Prod)]
            found: Formula = t.mul(t.Div(t.mul(*plain), t.mul(*den)), *big)
        else:
            if value != 1:
                num.insert(0, t.num(value))
            found = t.mul(*num)
        return t.Neg(found) if number < 0 else found

    # --- order

    def term_key(self, e: sp.Expr) -> tuple[Any, ...]:
        """Added before subtracted; sums first; a number before names (`1 - a`), but `l + 1`."""
        negative = e.could_extract_minus_sign()
        size = -e if negative else e
        last = bool(e.is_number) and not negative and self.of_integers
        big = any(isinstance(f, sp.Sum) for f in sp.Mul.make_args(size))
        return (negative, last, not (e.is_number or big), *self.factor_key(size))

    def factor_key(self, e: sp.Expr) -> tuple[Any, ...]:
        names = sorted(str(x.base.label) if isinstance(x, sp.Indexed) else x.name
                       for x in e.atoms(sp.Indexed, sp.Symbol) if _is_name(x))  # fmt: skip
        kind = 0 if not names else 1
        if isinstance(e, sp.Sum | sp.Product):
            kind = 5
        elif isinstance(e, sp.Add):
            kind = 3
        elif isinstance(e, AppliedUndef | sp.Function) and not isinstance(e, sp.KroneckerDelta):
            kind = 4
        elif isinstance(e, sp.KroneckerDelta):
            kind = 2
        ranks = min((self.rank(n) for n in names), default=9)
        return (kind, ranks, names, e.sort_key())


def _is_name(x: sp.Basic) -> bool:
    label = x.base.label if isinstance(x, sp.Indexed) else x
    return not label.is_integer


def sp_fraction(number: sp.Rational) -> Any:
    """The same number as a Fraction."""
    from fractions import Fraction

    return Fraction(int(number.p), int(number.q))

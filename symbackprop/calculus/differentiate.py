r"""The derivative of an index expression by one entry v[p, q], as a list of path terms.

    d/dv[p]  sum(k, w[j,k] * v[k]**2)   =   sum(k, w[j,k] * 2*v[k] * [k = p])

Every occurrence of v gives one term: the local derivatives along the way down to it, the Kronecker
deltas of its indices, and the sums that it stands under. SymPy does the scalar calculus of one
node at a time; nothing is expanded and nothing is simplified.

Conventions where a derivative does not exist, or is not SymPy's:

* a function of the system keeps its name: the derivative of `sigmoid(z)` is `sigmoid'(z)`, that of
  `sigmoid'(z)` is `sigmoid''(z)` (a SymPy function whose *name* ends in primes);
* |u| has the slope sign(u), with 0 at u = 0;
* max(u, v, ...) has the slope 1 in the argument that is strictly largest, 0 in the others: at a tie
  every slope is 0 (so relu and hinge have slope 0 at the kink); min likewise;
* cases are differentiated branch by branch, the conditions are left as they are: at a boundary the
  slope is that of the branch that holds there;
* sign and the step function have slope 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.calculus.adjoint import Range
from symbackprop.calculus.letters import fresh, letters, mentioned, product, put
from symbackprop.errors import UnsupportedForm
from symbackprop.system.model import Function


@dataclass(frozen=True, slots=True)
class Term:
    """sum over `binders` (outermost first) of `factors` times [a = b] for each of `deltas`."""

    factors: tuple[sp.Expr, ...] = ()
    deltas: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
    binders: tuple[Range, ...] = ()

    def times(self, *factors: sp.Expr) -> Term:
        return replace(self, factors=(*factors, *self.factors))

    def as_expr(self) -> sp.Expr:
        """The term as it stands, its deltas not contracted."""
        deltas = (sp.KroneckerDelta(a, b) for a, b in self.deltas)
        return summed(product((*self.factors, *deltas)), self.binders)


def summed(body: sp.Expr, binders: Sequence[Range]) -> sp.Expr:
    """sum of `body` over the ranges, outermost first; no ranges: the body itself."""
    return sp.Sum(body, *reversed(binders)) if binders and body != 0 else body


def derivative_terms(
    expr: sp.Expr,
    name: str | sp.Symbol,
    at: Sequence[sp.Expr] = (),
    taken: frozenset[sp.Symbol] = frozenset(),
) -> list[Term]:
    """d expr / d name[at] as path terms; no terms: `expr` does not depend on it.

    `taken`: further letters that no bound letter of a term may equal.
    """
    label = sp.Symbol(name, real=True) if isinstance(name, str) else name
    scope = taken | letters(expr) | frozenset().union(*(letters(i) for i in at))
    return _Walk(label, tuple(at)).terms(expr, scope)


def differentiate(expr: sp.Expr, name: str | sp.Symbol, at: Sequence[sp.Expr] = ()) -> sp.Expr:
    """d expr / d name[at], with KroneckerDeltas that are not yet contracted."""
    return sp.Add(*(term.as_expr() for term in derivative_terms(expr, name, at)))


def prime(function: Function) -> Function:
    """The derivative as a function of its own: `sigmoid'`, over the same variable."""
    expression = function.expression
    if expression is not None:
        expression = differentiate(expression, function.variable)
    return Function(function.name + "'", function.variable, expression, function.constants)


def primed(call: sp.Expr) -> sp.Expr:
    """f'(z) for the call f(z) of a function of one variable."""
    if len(call.args) != 1:
        raise UnsupportedForm(
            f"the function '{call.func.__name__}' has {len(call.args)} arguments",
            hint="functions of a system have one argument; write others out as equations",
        )
    return sp.Function(call.func.__name__ + "'", real=True)(*call.args)


class _Walk:
    """One walk down an expression, collecting a term at every occurrence of the variable."""

    def __init__(self, label: sp.Symbol, at: tuple[sp.Expr, ...]) -> None:
        self.label = label
        self.at = at

    def terms(self, expr: sp.Expr, scope: frozenset[sp.Symbol]) -> list[Term]:
        if self.label.name not in mentioned(expr):
            return []
        if expr == self.label:
            return [] if self.at else [Term()]
        if isinstance(expr, sp.Indexed):
            return self._entry(expr)
        if expr.is_Add:
            return [t for arg in expr.args for t in self.terms(arg, scope)]
        if expr.is_Mul:
            return [
                t.times(*expr.args[:i], *expr.args[i + 1 :])
                for i, arg in enumerate(expr.args)
                for t in self.terms(arg, scope)
            ]
        if isinstance(expr, sp.Sum):
            return self._sum(expr, scope)
        if isinstance(expr, sp.Piecewise):
            return self._cases(expr, scope)
        if isinstance(expr, sp.Product):
            raise UnsupportedForm(
                f"a product over an axis cannot be differentiated by '{self.label.name}' here",
                hint="write its factors out, or exp of the sum of their logarithms",
            )
        found = []
        for i, arg in enumerate(expr.args):
            below = self.terms(arg, scope)
            if below:
                slope = _slope(expr, i)
                found += [t.times(slope) for t in below if slope != 0]
        return found

    def _entry(self, expr: sp.Indexed) -> list[Term]:
        if expr.base.label != self.label:
            return []
        if len(expr.indices) != len(self.at):
            raise UnsupportedForm(
                f"'{self.label.name}' is used with {len(expr.indices)} indices, "
                f"but its derivative is asked for {len(self.at)}"
            )
        return [Term(deltas=tuple(zip(expr.indices, self.at, strict=True)))]

    def _sum(self, expr: sp.Sum, scope: frozenset[sp.Symbol]) -> list[Term]:
        binders: list[Range] = []
        rename: dict[sp.Expr, sp.Expr] = {}
        for letter, lower, upper in reversed(expr.limits):
            lower, upper = put(lower, rename), put(upper, rename)
            new = fresh(letter, scope) if _clash(letter, scope) else letter
            if new != letter:
                rename[letter] = new
            scope |= {new}
            binders.append((new, lower, upper))
        body = put(expr.function, rename)
        return [replace(t, binders=(*binders, *t.binders)) for t in self.terms(body, scope)]

    def _cases(self, expr: sp.Piecewise, scope: frozenset[sp.Symbol]) -> list[Term]:
        # All branches share their conditions, so the atoms become dummies and one Piecewise
        # holds the slopes of all branches by one atom.
        found = []
        for atom in self._outermost(expr):
            dummy = sp.Dummy("u", real=True)
            rows = []
            for value, condition in expr.args:
                opened = value.xreplace({atom: dummy})
                slope = differentiate(opened, dummy)
                rows.append((slope.xreplace({dummy: atom}), condition))
            slope = sp.Piecewise(*rows)
            found += [t.times(slope) for t in self.terms(atom, scope) if slope != 0]
        return found

    def _outermost(self, expr: sp.Basic) -> list[sp.Expr]:
        """The largest entries, sums and calls that hold the variable, each once, in order."""
        if self.label.name not in mentioned(expr):
            return []
        if expr == self.label or isinstance(expr, sp.Indexed | sp.Sum | AppliedUndef):
            return [expr]
        values = [v for v, _ in expr.args] if isinstance(expr, sp.Piecewise) else expr.args
        return list(dict.fromkeys(a for value in values for a in self._outermost(value)))


def _clash(letter: sp.Symbol, scope: frozenset[sp.Symbol]) -> bool:
    return any(letter.name == other.name for other in scope)


def _slope(expr: sp.Expr, i: int) -> sp.Expr:
    """The derivative of one node by its i-th argument, all arguments independent."""
    u = expr.args[i]
    if isinstance(expr, sp.Pow) and i == 0:
        return product((expr.exp, sp.Pow(u, expr.exp - 1)))
    if isinstance(expr, sp.exp):
        return expr
    if isinstance(expr, sp.log):
        return 1 / u
    if isinstance(expr, AppliedUndef):
        return primed(expr)
    if isinstance(expr, sp.Abs):
        return sp.sign(u)
    if isinstance(expr, sp.Max | sp.Min):
        others = [a for k, a in enumerate(expr.args) if k != i]
        wins = sp.And(*(u > a if isinstance(expr, sp.Max) else u < a for a in others))
        return sp.Piecewise((1, wins), (0, True))
    if isinstance(expr, sp.sign | sp.Heaviside):
        return sp.S.Zero
    dummies = [sp.Dummy("u", real=True) for _ in expr.args]
    slope = expr.func(*dummies).diff(dummies[i])
    return slope.xreplace(dict(zip(dummies, expr.args, strict=True)))

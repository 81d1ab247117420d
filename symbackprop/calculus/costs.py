"""The derivative of the cost by an output, as a textbook brings it to one fraction.

    dJ/da = -y/a + (1-y)/(1-a)                          the terms as they come
          = (-y (1-a) + (1-y) a) / (a (1-a))            over the common denominator
          = (a - y) / (a (1-a))                         multiplied out

and what is left when it is multiplied by the slope a (1-a) of the output neuron.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, Contribution
from symbackprop.calculus.letters import product
from symbackprop.calculus.sweep import adjoint
from symbackprop.calculus.textbook import function_of_call
from symbackprop.calculus.written import Writer
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula
from symbackprop.system.model import Quantity, System


@dataclass(frozen=True, slots=True)
class CostDerivative:
    """dJ/d quantity[indices], the share that the cost's own equation gives.

    factor       numbers and sizes that all terms have (2/n, 1/m)
    raw          the terms as differentiation leaves them, in textbook order, without `factor`
    crossed      the numerators over the common denominator, not multiplied out; () if no fraction
    numerator    the terms of the numerator, in textbook order
    denominator  the factors of the common denominator; () if there is none
    members      the same as formulas, each equal to the next: what a chain shows
    """

    quantity: Quantity
    indices: tuple[sp.Symbol, ...]
    contribution: Contribution
    factor: sp.Expr
    raw: tuple[sp.Expr, ...]
    crossed: tuple[sp.Expr, ...]
    numerator: tuple[sp.Expr, ...]
    denominator: tuple[sp.Expr, ...]
    members: tuple[Formula, ...]

    @property
    def expr(self) -> sp.Expr:
        """The one fraction."""
        return product((self.factor, sp.Add(*self.numerator), *(1 / d for d in self.denominator)))


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A product of the cost's derivative and a slope, after cancelling.

    expr       what is left
    not_zero   the factors that were cancelled
    fact       why they are not 0: a fact kind of the quantity ('in (0,1)'), or '' if nothing was
               cancelled or nothing is known (then nothing may be cancelled)
    member     `expr` as a formula, with nothing cancelled that may not be
    """

    expr: sp.Expr
    not_zero: tuple[sp.Expr, ...]
    fact: str
    member: Formula


def cost_derivatives(system: System) -> tuple[CostDerivative, ...]:
    """One for each quantity (no parameter, no given number) that the cost's equation uses."""
    given = ("target", "constant", "input", "weight", "bias", "parameter")
    found = []
    for quantity in system.quantities:
        if quantity.role in given or quantity.name == system.cost:
            continue
        found += [
            _brought_to_one_fraction(system, quantity, c)
            for c in adjoint(system, quantity).contributions
            if c.consumer.target == system.cost
        ]
    return tuple(found)


def cost_derivative(system: System) -> CostDerivative:
    """That of the outputs: the first of `cost_derivatives`."""
    return cost_derivatives(system)[0]


def of_adjoint(system: System, found: Adjoint) -> CostDerivative | None:
    """The one fraction, if the cost's equation is the only one that uses the quantity."""
    if len(found.contributions) != 1 or found.contributions[0].consumer.target != system.cost:
        return None
    return _brought_to_one_fraction(system, found.quantity, found.contributions[0])


def _brought_to_one_fraction(
    system: System, quantity: Quantity, contribution: Contribution
) -> CostDerivative:
    write = Writer(system)
    indices = quantity.indices
    terms = sorted(
        sp.Add.make_args(contribution.contracted), key=lambda e: (sp.count_ops(abs_sign(e)), str(e))
    )
    plain = [_plain_factor(write, term) for term in terms]
    factor = plain[0] if len({abs(p) for p in plain}) == 1 else sp.S.One
    if factor.could_extract_minus_sign():
        factor = -factor
    raw = tuple(product((1 / factor, term)) for term in terms)
    lead = write(factor)
    if raw == (contribution.contracted,) and isinstance(raw[0], sp.Sum):
        return CostDerivative(
            quantity, indices, contribution, sp.S.One, raw, (), raw, (), (write(raw[0]),)
        )
    parts = [_fraction(term) for term in raw]
    denominator = tuple(dict.fromkeys(d for _, under in parts for d in under))
    first = _scaled(lead, t.add(*(write(term) for term in raw)))
    if not denominator or any(isinstance(n, sp.Piecewise | sp.Sum) for n, _ in parts):
        ordered = tuple(write.terms(sp.Add(*raw)))
        return CostDerivative(
            quantity, indices, contribution, factor, ordered, (), ordered, (),
            (_scaled(lead, write(sp.Add(*raw))),),
        )  # fmt: skip
    crossed = tuple(
        product((top, *(d for d in denominator if d not in under))) for top, under in parts
    )
    numerator = tuple(write.terms(sp.expand(sp.Add(*crossed))))
    bottom = t.mul(*(write(d) for d in denominator))
    middle = t.Div(t.add(*(write(c) for c in crossed)), bottom)
    last = t.Div(t.add(*(write(n) for n in numerator)), bottom)
    members = [first, _scaled(lead, middle), _scaled(lead, last)]
    return CostDerivative(
        quantity, indices, contribution, factor, raw, crossed, numerator, denominator,
        tuple(dict.fromkeys(members)),
    )  # fmt: skip


def abs_sign(expr: sp.Expr) -> sp.Expr:
    """The expression without a minus sign in front."""
    return -expr if expr.could_extract_minus_sign() else expr


def _scaled(lead: Formula, body: Formula) -> Formula:
    return body if lead == t.ONE else t.mul(lead, body)


def _plain_factor(write: Writer, term: sp.Expr) -> sp.Expr:
    """The numbers and sizes in front of a term."""
    number, rest = term.as_coeff_Mul()
    sizes = [f for f in sp.Mul.make_args(rest) if write._plain(f.as_base_exp()[0])]
    return product((number, *sizes))


def _fraction(term: sp.Expr) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """Numerator and the factors of the denominator, as they stand."""
    over: list[sp.Expr] = []
    under: list[sp.Expr] = []
    for factor in sp.Mul.make_args(term):
        base, power = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        if power.is_Integer and power < 0:
            under.append(sp.Pow(base, -power))
        else:
            over.append(factor)
    return product(over), tuple(under)


def cancelled(system: System, derivative: CostDerivative, slope: sp.Expr) -> Cancelled:
    """dJ/da times `slope`, with the factors cancelled that both have and that cannot be 0."""
    write = Writer(system)
    top = sp.Add(*derivative.numerator)
    under = list(derivative.denominator)
    over = [] if slope == 1 else list(sp.Mul.make_args(slope))
    gone = [d for d in under if d in over]
    fact = _not_zero_by(system, derivative.quantity) if gone else ""
    if not fact:
        gone = []
    for d in gone:
        under.remove(d)
        over.remove(d)
    expr = product((derivative.factor, top, *over, *(1 / d for d in under)))
    head = write(top) if top != 1 or not over else None
    body = [f for f in (head, *(write(f) for f in _slope_order(over))) if f is not None]
    member: Formula = t.mul(*body)
    if under:
        member = t.Div(member, t.mul(*(write(d) for d in under)))
    return Cancelled(expr, tuple(gone), fact, _scaled(write(derivative.factor), member))


def _slope_order(factors: list[sp.Expr]) -> list[sp.Expr]:
    return sorted(factors, key=lambda f: (f.is_Add, sp.count_ops(f)))


def _not_zero_by(system: System, quantity: Quantity) -> str:
    """The fact that keeps a and (for values below 1) 1 - a from being 0."""
    kinds = {fact.kind for fact in quantity.facts}
    for equation in system.equations_of.get(quantity.name, ()):
        if isinstance(equation.rhs, sp.exp):
            kinds.add("positive")
        elif isinstance(equation.rhs, sp.Function):
            function = function_of_call(system, equation.rhs)
            kinds |= {fact.kind for fact in function.facts} if function else set()
    return next((k for k in ("in (0,1)", "positive", "nonzero") if k in kinds), "")

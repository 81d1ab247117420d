"""The derivative of the cost by an output as one fraction, and what the slope of the output cancels.

    dJ/da = -y/a + (1-y)/(1-a)  =  (a - y) / (a (1-a))         over the common denominator
    dJ/da * a (1-a)             =  a - y                       nothing that is cancelled may be 0

The lines between are the narrator's; here only the results are needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, Contribution
from symbackprop.calculus.letters import product
from symbackprop.calculus.textbook import function_of_call
from symbackprop.calculus.written import Writer
from symbackprop.system.model import Quantity, System


@dataclass(frozen=True, slots=True)
class CostDerivative:
    """dJ/d quantity[indices], the share that the cost's own equation gives.

    factor       numbers and sizes that all terms have (2/n, 1/m)
    numerator    without `factor`, multiplied out
    denominator  the factors of the common denominator; () if there is none
    """

    quantity: Quantity
    factor: sp.Expr
    numerator: sp.Expr
    denominator: tuple[sp.Expr, ...] = ()

    @property
    def expr(self) -> sp.Expr:
        """The one fraction."""
        return product((self.factor, self.numerator, *(1 / d for d in self.denominator)))


def of_adjoint(system: System, found: Adjoint) -> CostDerivative | None:
    """The one fraction, if the cost's equation is the only one that uses the quantity."""
    if len(found.contributions) != 1 or found.contributions[0].consumer.target != system.cost:
        return None
    return _brought_to_one_fraction(system, found.quantity, found.contributions[0])


def _brought_to_one_fraction(
    system: System, quantity: Quantity, contribution: Contribution
) -> CostDerivative:
    terms = sp.Add.make_args(contribution.contracted)
    plain = [_plain_factor(Writer(system), term) for term in terms]
    factor = plain[0] if len({abs(p) for p in plain}) == 1 else sp.S.One
    if factor.could_extract_minus_sign():
        factor = -factor
    raw = tuple(product((1 / factor, term)) for term in terms)
    if raw == (contribution.contracted,) and isinstance(raw[0], sp.Sum):
        return CostDerivative(quantity, sp.S.One, raw[0])
    parts = [_fraction(term) for term in raw]
    denominator = tuple(dict.fromkeys(d for _, under in parts for d in under))
    if not denominator or any(isinstance(n, sp.Piecewise | sp.Sum) for n, _ in parts):
        return CostDerivative(quantity, factor, sp.Add(*raw))
    crossed = (product((top, *(d for d in denominator if d not in under))) for top, under in parts)
    return CostDerivative(quantity, factor, sp.expand(sp.Add(*crossed)), denominator)


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


def cancelled(system: System, derivative: CostDerivative, slope: sp.Expr) -> sp.Expr | None:
    """dJ/da times `slope`, without the factors that both have; None where nothing may be cancelled."""
    under = list(derivative.denominator)
    over = [] if slope == 1 else list(sp.Mul.make_args(slope))
    gone = [d for d in under if d in over]
    if not gone or not _is_never_zero(system, derivative.quantity):
        return None
    for d in gone:
        under.remove(d)
        over.remove(d)
    return product((derivative.factor, derivative.numerator, *over, *(1 / d for d in under)))


def _is_never_zero(system: System, quantity: Quantity) -> bool:
    """Whether a fact keeps a and (for values below 1) 1 - a from being 0."""
    kinds = {fact.kind for fact in quantity.facts}
    for equation in system.equations_of.get(quantity.name, ()):
        if isinstance(equation.rhs, sp.exp):
            kinds.add("positive")
        elif isinstance(equation.rhs, sp.Function):
            function = function_of_call(system, equation.rhs)
            kinds |= {fact.kind for fact in function.facts} if function else set()
    return bool(kinds & {"in (0,1)", "positive", "nonzero"})

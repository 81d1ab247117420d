"""The derivative of the cost by one output, in the steps of a textbook."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.derivation.algebra import (
    cancel,
    contains,
    expanded,
    factors_of,
    negative,
    one_fraction,
    over,
    plus,
    rearranged,
    split_fraction,
    terms_of,
    times,
)
from symbackprop.derivation.differentiate import derivative, pulled_in
from symbackprop.derivation.steps import By
from symbackprop.formula.tree import Formula, Mul, Neg, Ref


@dataclass(frozen=True, slots=True)
class CostDerivative:
    """dJ/da for one output: constants taken out, differentiated, over one denominator, result.

    part: the terms of J that contain a. pulled, fraction: None where there is nothing to do.
    """

    part: Formula
    pulled: Formula | None
    raw: Formula
    fraction: Formula | None
    value: Formula

    def lines(self) -> list[By]:
        """The members of the chain after dJ/da; each says by which rule it follows."""
        found = [] if self.pulled is None else [By("local derivative", self.pulled)]
        if rearranged(self.raw, self.value):
            # A value that only differs in order from the raw derivative is that derivative.
            return [*found, By("local derivative", self.value)]
        found.append(By("local derivative", self.raw))
        if self.fraction is not None:
            found.append(By("one fraction", self.fraction))
        return [*found, By("cancel", self.value)]


def cost_derivative(cost: Formula, a: Ref) -> CostDerivative:
    """dJ/da; only the terms of the cost that contain a count."""
    part = plus(*(t for t in distributed_over(cost, a) if contains(t, a)))
    raw = derivative(part, a)
    fraction: Formula | None = None
    if len(terms_of(raw)) > 1:
        together = one_fraction(raw)
        if together != raw:
            fraction = together
    if fraction is not None:
        numerator, denominator = split_fraction(fraction)
        value = over(expanded(numerator), denominator)
    else:
        value, _ = cancel(*factors_of(raw))
    return CostDerivative(part, pulled_in(part, a), raw, fraction, value)


def distributed_over(formula: Formula, a: Ref) -> tuple[Formula, ...]:
    """The terms of J, multiplied out only as far as needed to leave out those without `a`."""
    if isinstance(formula, Neg):
        return tuple(negative(t) for t in distributed_over(formula.body, a))
    if isinstance(formula, Mul):
        sums = [i for i, f in enumerate(formula.factors) if len(terms_of(f)) > 1]
        # (1 - y) log(1 - a): the sums here are atoms of the term, not something to multiply out.
        for i in sums:
            inner = terms_of(formula.factors[i])
            with_a = [t for t in inner if contains(t, a)]
            others = [f for j, f in enumerate(formula.factors) if j != i]
            if with_a and not any(contains(o, a) for o in others):
                return tuple(
                    piece for t in inner for piece in distributed_over(times(*others, t), a)
                )
        return (formula,)
    terms = terms_of(formula)
    if len(terms) == 1:
        return terms
    return tuple(piece for t in terms for piece in distributed_over(t, a))

"""One step of gradient descent as a statement."""

from __future__ import annotations

from symbackprop.derivation.algebra import negative, plus, times
from symbackprop.formula.tree import Array, Chain, Formula, Ref

RATE = Ref("eta")


def descent(parameter: Ref | Array, *gradients: Formula, rate: Ref = RATE) -> Chain:
    """w <- w - eta g, and = w - eta g' for each further form of the gradient, put in for the first."""
    steps = (plus(parameter, negative(times(rate, g))) for g in gradients)
    further = len(gradients) - 1
    return Chain(
        (parameter, *steps),
        ("<-", *("=",) * further),
        ("update", *("substitute",) * further) if further else (),
    )

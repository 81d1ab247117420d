"""What comes back to a hidden neuron from the next layer: a sum over all that its value enters."""

from __future__ import annotations

from symbackprop.derivation.algebra import plus, times
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.formula.tree import Deriv, Formula, Ref


def path_sum(tale: Tale, a: Ref) -> Formula:
    """sum over the receivers z of a: dJ/dz dz/da; over the outputs, where a way leads around."""
    cut = tale.outputs if tale.skips(a) else tale.receivers(a)
    return plus(*(times(tale.d_cost(z), Deriv(z, a)) for z in cut))


def exit_error(tale: Tale, a: Ref) -> Formula:
    """dJ/da in terms of the errors of the next layer: w delta + w delta."""
    if tale.skips(a):
        from symbackprop.derivation.neuron import skip

        return skip.exit_error(tale, a)
    return plus(*(times(tale.local(z, a), tale.error(z)) for z in tale.receivers(a)))


def exit_explicit(tale: Tale, a: Ref) -> Formula:
    """dJ/da of the last hidden layer in plain quantities: (a - y) w + (a - y) w."""
    return plus(*(times(tale.error_value(z), tale.local(z, a)) for z in tale.receivers(a)))


def explicit(tale: Tale, w: Ref) -> Formula:
    """dJ/dw of a weight of the last hidden layer: ((a1 - y1) w1 + (a2 - y2) w2) a(1-a) x."""
    z = tale.receiver(w)
    a = tale.activation_of(z)
    return times(exit_explicit(tale, a), tale.local(a, z), tale.local(z, w))

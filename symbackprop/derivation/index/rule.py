"""The one rule that everything rests on, told before the index view uses it."""

from __future__ import annotations

from symbackprop.calculus.written import written
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.steps import Prose, Section
from symbackprop.formula.tree import Formula, Ref
from symbackprop.system.model import System


def section(system: System, net: Layers | None) -> Section:
    """The chain rule over all paths, with its condition and an example of what breaks it.

    A network without layers is told with brackets right away, so they are explained here.
    """
    pair = (
        (net.z(net.depth, net.letter(0)), net.a(net.depth, net.letter(0))) if net else _pair(system)
    )
    z, a = pair or (None, None)
    about = {"z": z, "a": a, "cost": Ref(system.cost)}
    brackets = () if net else (Prose("bracket meaning"),)
    return Section("rule", (Prose("chain rule", about), *brackets), about)


def _pair(system: System) -> tuple[Formula, Formula] | None:
    """Two quantities of which one is computed from the other, entry by entry."""
    for equation in system.equations:
        if system[equation.target].role != "activation":
            continue
        for other in system.equations:
            inner = system[other.target]
            if inner.role == "pre-activation" and equation.rhs.has(other.lhs):
                return written(other.lhs, system), written(equation.lhs, system)
    return None

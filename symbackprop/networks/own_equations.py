"""`system_from_eqs` with the functions of the registry known by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from symbackprop.networks.activations import ACTIVATIONS, Activation
from symbackprop.system.model import Function, System


def system_from_eqs(
    equations: Sequence[sp.Eq], activations: Sequence[Activation] = (), **options: Any
) -> System:
    """A System of SymPy equations over Indexed.

    `sp.Function("sigmoid")(z[i])` is the registry's sigmoid; a function of your own comes in
    `activations`. Other options: `symbackprop.system.from_equations.system_from_eqs`.
    """
    from symbackprop.system.from_equations import system_from_eqs as build

    own = {a.function_name: a.function() for a in activations}
    rows = {a.function_name: a.function() for a in ACTIVATIONS.values()} | own
    functions: list[Function] = [*options.pop("functions", ()), *rows.values()]
    return build(equations, functions=functions, **options)

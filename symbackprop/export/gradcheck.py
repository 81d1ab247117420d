"""Joins the two sides: the lowered symbolic gradient and the numeric one that knows nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symbackprop.export.lambdify import lambdify
from symbackprop.numeric.forward import Forward
from symbackprop.numeric.gradcheck import Gradcheck, Row, numeric_gradient, with_stand_ins
from symbackprop.numeric.values import example_sizes, example_values
from symbackprop.system.model import System


def gradcheck(
    system: System,
    values: Mapping[str, Any] | None = None,
    sizes: Mapping[str, Any] | None = None,
    seed: int = 0,
    largest: int = 2000,
) -> Gradcheck:
    """Compare every parameter entry (at most `largest`, then a random choice of them).

    Abstract functions are checked with tanh in their place (`stand_ins` names them).
    The symbolic side is the adjoint System, lowered to arrays; see `symbackprop.export.lambdify`.
    """
    system, stand_ins = with_stand_ins(system)
    sizes = example_sizes(system, sizes)
    numbers = example_values(system, sizes, seed, values)
    forward = Forward(system, sizes)
    entries = [(q.name, i) for q in system.parameters for i in forward.entries(q.name)]
    count = len(entries)
    if count > largest:
        chosen = np.random.default_rng(seed).choice(count, size=largest, replace=False)
        entries = [entries[i] for i in sorted(chosen)]
    cost, numeric, method = numeric_gradient(system, numbers, sizes, entries)
    symbolic = lambdify(system, sizes=sizes).gradient(numbers)
    rows = []
    for (name, index), value in zip(entries, numeric, strict=True):
        array = symbolic[name]
        for position, axis in zip(index, system[name].axes, strict=True):
            array = array[position - forward.integer(axis.lower, {})]
        rows.append(Row(name, index, float(array), value))
    return Gradcheck(tuple(rows), method, sizes, cost, count - len(entries), stand_ins)

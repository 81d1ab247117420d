"""How a network's cost relates to the defaults of PyTorch and Keras: the factor between them."""

from __future__ import annotations

from typing import Any

import sympy as sp

from symbackprop.calculus.written import written
from symbackprop.formula.tree import Formula, Idx
from symbackprop.networks.costs import COSTS
from symbackprop.system.model import System, size

LIBRARIES = (("pytorch", "PyTorch"), ("keras", "Keras"))
SAMPLES = "m"


def scale(system: System) -> dict[str, Any]:
    """What the macro of the cost's scale speaks of; `factor` None where the libraries have no such cost.

    factor: of the first library; second: of the other, where it differs.
    """
    row = COSTS.get(system.about.cost)
    found: list[tuple[str, str, Formula]] = []
    if row is not None and system.targets and system.targets[0].axes:
        outputs = system.targets[0].axes[-1].upper
        over = system.about.over_samples or "sum"
        # The libraries average over the steps of a sequence as they do over samples.
        steps = [a.count for a in system.targets[0].axes if a.kind == "time"]
        for key, title in LIBRARIES:
            factor = row.factor_to(key, outputs, size(SAMPLES), over)
            if factor is not None:
                if row.peers[key].samples == "mean":
                    factor = factor / sp.Mul(*steps)
                found.append((title, row.peers[key].name, written(factor, system)))
    names = [(title, name) for title, name, _ in found]
    factors = [factor for *_, factor in found]
    same = len(set(factors)) <= 1
    return {
        "libraries": names if same else names[:1],
        "factor": factors[0] if factors else None,
        "others": [] if same else names[1:],
        "second": None if same else factors[1],
        "count": Idx(SAMPLES),
    }

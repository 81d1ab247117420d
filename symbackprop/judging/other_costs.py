"""The same network with other costs: "right for half squared error"."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.system.model import System


def other_costs(system: System) -> dict[str, System]:
    """The same layered network with other costs over outputs; empty for other kinds of systems."""
    import sympy as sp

    from symbackprop.errors import ManyErrors, SymbackpropError
    from symbackprop.networks.costs import COSTS
    from symbackprop.system.model import entry

    about = system.about
    target = next(iter(system.targets), None)
    if target is None or about.depth is None or not target.axes:
        return {}
    outputs = next(
        (
            q
            for q in system.quantities
            if q.role == "activation"
            and len(q.axes) == len(target.axes)
            and q.layer == target.layer
        ),
        None,
    )
    if outputs is None or not about.cost or outputs.axes[-1].upper != target.axes[-1].upper:
        return {}
    found: dict[str, System] = {}
    axis = target.axes[-1]
    cost = next(e.rhs for e in system.equations if e.target == system.cost)
    compared = {outputs.name, target.name}
    kept = [  # weight decay stays
        term
        for term in sp.Add.make_args(cost)
        if not compared & {str(a.base.label) for a in term.atoms(sp.Indexed)}
    ]
    letters = target.indices
    for name in ("half-sse", "mse", "bce"):
        if name == about.cost or name not in COSTS:
            continue
        a, y = entry(outputs.name, *letters), entry(target.name, *letters)
        total = COSTS[name].of_outputs(a, y, axis.index, axis.upper)
        for sample in target.axes[:-1]:
            total = sp.Sum(total, (sample.index, sample.lower, sample.upper))
            if about.over_samples == "mean":
                total = total / sample.upper
        total = sp.Add(total, *kept)
        equations = tuple(
            replace(e, rhs=total) if e.target == system.cost else e for e in system.equations
        )
        try:
            found[name] = replace(system, equations=equations, about=replace(about, cost=name))
        except (SymbackpropError, ManyErrors):
            continue
    return found

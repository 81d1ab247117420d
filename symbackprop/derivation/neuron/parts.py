"""The cost split into the parts of its outputs: each part reaches a hidden weight by its own path."""

from __future__ import annotations

from symbackprop.derivation.algebra import cancel, plus, times
from symbackprop.derivation.neuron.sums import explicit
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.scope import parted
from symbackprop.derivation.steps import By, Section, Step, statement
from symbackprop.formula.tree import Chain, Deriv, Formula, Num, Ref
from symbackprop.notation.slots import COST_PART


def section(tale: Tale) -> Section | None:
    """dE_o/da along the one path of each part, their sum, and the first weight by it."""
    system = parted(tale.graph.system)
    if system is None or tale.depth < 2:
        return None
    w = tale.weights(tale.depth - 1)[0]
    z = tale.receiver(w)
    a = tale.activation_of(z)
    outputs = [tale.activation_of(n) for n in tale.receivers(a)]
    parts = [Ref(COST_PART, (Num(str(i)),)) for i in range(1, len(outputs) + 1)]
    rows: list[Chain] = [statement(tale.cost, plus(*parts))]
    paths: list[Chain] = []
    for part, output in zip(parts, outputs, strict=True):
        entrance = tale.entrance(output)
        cost = tale.cost_derivative(output)
        rows.append(statement(part, cost.part))
        value, _ = cancel(cost.value, tale.local(output, entrance), tale.local(entrance, a))
        paths.append(
            statement(
                Deriv(part, a),
                times(Deriv(part, output), Deriv(output, entrance), Deriv(entrance, a)),
                By("substitute", value),
            )
        )
        rows.append(statement(Deriv(part, output), By("local derivative", cost.value)))
    whole: list[Formula | By] = [
        tale.d_cost(w),
        By("chain rule", times(tale.d_cost(a), Deriv(a, w))),
        By("local derivative", times(plus(*(Deriv(part, a) for part in parts)), Deriv(a, w))),
        By("substitute", explicit(tale, w)),
    ]
    about = {"a": a, "w": w, "parts": tuple(parts), "outputs": tuple(outputs)}
    steps = (
        Step("definition", tuple(rows), topic="cost parts", about=about),
        Step("chain rule", tuple(paths), topic="part paths", about=about),
        Step("collect", (statement(*whole),), topic="parts together", about=about),
    )
    return Section("cost parts", steps, about, system)

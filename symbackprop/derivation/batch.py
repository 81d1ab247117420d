"""From one sample to many: the samples' derivatives are added, and the weight decay joins in."""

from __future__ import annotations

from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import negative, plus, times
from symbackprop.derivation.neuron.tale import statement
from symbackprop.derivation.scope import Batch
from symbackprop.derivation.steps import Section, Step
from symbackprop.formula.tree import ONE, Chain, Deriv, Formula, Idx, Ref, Sum
from symbackprop.system.model import Quantity


def section(batch: Batch, letters: tuple[str, ...]) -> Section:
    """The cost of the batch, its derivatives, and the update."""
    system = batch.many
    n = Idx(batch.letter.name)
    one = Ref(batch.sample_cost, (n,))
    cost = Ref(system.cost)
    (whole,) = system.equations_of[system.cost]
    (single,) = system.equations_of[batch.sample_cost]
    factor = written(batch.factor, system)
    body = written(single.rhs, system)
    definition = statement(one, body)
    total = written(whole.rhs, system)
    decay = written(batch.decay, system)
    put_in = plus(
        times(factor, Sum(body, n, ONE, written(batch.count, system))),
        *(() if batch.decay == 0 else (decay,)),
    )
    about = {
        "cost": cost,
        "one": one,
        "n": n,
        "count": written(batch.count, system),
        "mean": system.about.over_samples == "mean",
        "decay": bool(system.about.decay),
    }
    rows: list[Chain] = []
    updates: list[Chain] = []
    for q in system.parameters:
        node = _entry(q, letters)
        gradient = _gradient(batch, q, node, one, n, factor)
        rows.append(statement(Deriv(cost, node), gradient))
        eta = Ref("eta")
        updates.append(Chain((node, plus(node, negative(times(eta, Deriv(cost, node))))), ("<-",)))
        updates.append(Chain((node, plus(node, negative(times(eta, gradient)))), ("<-",)))
    return Section(
        "batch",
        (
            Step("definition", (definition,), topic="sample cost", about=about),
            Step("definition", (statement(cost, total, put_in),), topic="batch cost", about=about),
            Step("chain rule", tuple(rows), topic="batch derivatives", about=about),
            Step("update", tuple(updates), topic="batch update", about=about),
        ),
        about,
        system,
    )


def _entry(q: Quantity, letters: tuple[str, ...]) -> Ref:
    """The parameter at the document's letters: receiver first."""
    spare = iter(letters)
    return Ref(
        q.name,
        tuple(
            Idx(axis.index.name) if axis.kind == "layer" else Idx(next(spare)) for axis in q.axes
        ),
    )


def _gradient(
    batch: Batch, q: Quantity, node: Ref, one: Ref, n: Idx, factor: Formula
) -> Formula:
    """factor * sum of the samples' derivatives, plus lambda * w where the decay holds it."""
    system = batch.many
    summed = times(factor, Sum(Deriv(one, node), n, ONE, written(batch.count, system)))
    if any(q.name == symbol.name for symbol in batch.decay.free_symbols):
        return plus(summed, times(Ref(system.about.decay), node))
    return summed

"""From one sample to many: the samples' derivatives are added, and the weight decay joins in."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import expanded, plus, substitute, tidy, times
from symbackprop.derivation.descent import descent
from symbackprop.derivation.graph import at
from symbackprop.derivation.index.equations import half_norm
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.neuron.tale import Options
from symbackprop.derivation.scope import Batch
from symbackprop.derivation.steps import By, Section, Step, statement
from symbackprop.formula.tree import (
    ONE,
    Add,
    Array,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    Neg,
    Ref,
    Sum,
    num,
    sub,
)
from symbackprop.notation.slots import ACCUMULATED
from symbackprop.system.model import Quantity, System


def section(batch: Batch, options: Options) -> Section:
    """The cost of the batch, its derivatives, and the update."""
    system = batch.many
    n = Idx(batch.letter.name)
    one = Ref(batch.sample_cost, (n,))
    cost = Ref(system.cost)
    (single,) = system.equations_of[batch.sample_cost]
    factor = written(batch.factor, system)
    body = written(single.rhs, system)
    if not options.indices:
        body = at(body, {})
    definition = statement(one, body)
    decay = _stated(written(batch.decay, system), options)
    if not options.indices:
        decay = tidy(at(decay, {}))
    count = written(batch.count, system)
    rest = () if batch.decay == 0 else (decay,)
    total = plus(times(factor, Sum(one, n, ONE, count)), *rest)
    put_in = plus(times(factor, Sum(body, n, ONE, count)), *rest)
    costs: list[Formula | By] = [cost, total, put_in]
    norm = _norm(batch, options, n)
    if norm is not None:
        lifted = plus(times(factor, Sum(norm, n, ONE, count)), *rest)
        costs.append(By("lift to matrix", lifted))
    about = {
        "cost": cost,
        "one": one,
        "n": n,
        "count": written(batch.count, system),
        "mean": system.about.over_samples == "mean",
        "decay": bool(system.about.decay),
        "biases": any(q.role == "bias" for q in system.parameters),
        "strength": Ref(system.about.decay) if system.about.decay else None,
    }
    rows: list[Chain] = []
    updates: list[Chain] = []
    for q in system.parameters:
        node = _entry(q, options)
        gradient = _gradient(batch, q, node, one, n, factor)
        rows.append(statement(Deriv(cost, node), By("local derivative", gradient)))
        updates += [descent(node, Deriv(cost, node)), descent(node, gradient)]
    together = _accumulated(batch, options, one, n, factor)
    return Section(
        "batch",
        (
            Step("definition", (definition,), topic="sample cost", about=about),
            Step(
                "definition",
                (statement(*costs),),
                topic="batch cost",
                about=about,
                label="weight decay" if system.about.decay else "",
            ),
            Step("chain rule", tuple(rows), topic="batch derivatives", about=about),
            Step("update", tuple(updates), topic="batch update", about=about),
            *together,
        ),
        about,
        system,
    )


def _accumulated(
    batch: Batch, options: Options, one: Ref, n: Idx, factor: Formula
) -> tuple[Step, ...]:
    """Delta W: the samples' gradients added up, one sample after the other; then one update."""
    system = batch.many
    if system.about.kind not in ("mlp", "generic-mlp") or not options.whole_arrays:
        return ()
    count = written(batch.count, system)
    meanings: list[Chain] = []
    shown: list[Chain] = []
    updates: list[Chain] = []
    for q in system.parameters:
        if q.role == "bias" and system.about.bias == "layer":
            continue
        family = bool(q.axes) and q.axes[0].kind == "layer"
        for layer, into in ((Idx("l"), meanings), (options.stated, shown)):
            place = (layer,) if family else ()
            array, total = Array(q.name, place), Array(ACCUMULATED + q.name, place)
            into.append(statement(total, Sum(Grad(one, array), n, ONE, count)))
        decayed = any(q.name == symbol.name for symbol in batch.decay.free_symbols)
        rest = (times(Ref(system.about.decay), array),) if decayed else ()
        updates.append(descent(array, plus(times(factor, total), *rest)))
    about = {"count": count}
    definitions = tuple(meanings)
    return (
        Step("name", tuple(shown), topic="accumulated", about=about),
        Step(
            "update",
            tuple(updates),
            topic="accumulated update",
            about=about,
            definitions=definitions,
        ),
    )


def _norm(batch: Batch, options: Options, n: Idx) -> Formula | None:
    """The cost of sample n as half a squared norm, for half squared error of a layered network."""
    one = batch.one
    if not options.whole_arrays:
        return None
    if one.about.cost != "half-sse" or one.about.kind not in ("mlp", "generic-mlp"):
        return None
    a = Layers(one, options.letters, options.errors).array("activation", _depth(one))
    output = Array(a.name, (*a.indices, n))
    y = Array("y", (n,))
    return half_norm(sub(output, y) if options.target_first else sub(y, output))


def _depth(one: System) -> Formula:
    depth = one.about.depth
    assert depth is not None
    return written(depth, one)


def _stated(formula: Formula, options: Options) -> Formula:
    """Sums over layers with the index that the book states: l = 0, ..., L-1 for weights of layer l+1."""
    if not isinstance(options.stated, Add):
        return formula
    layer = Idx("l")
    later = plus(layer, ONE)

    def change(node: Formula) -> Formula | None:
        if isinstance(node, Sum) and node.index == layer and node.lower == ONE:
            body = _sender_first(node.body.rewrite(lambda inner: _shift(inner, layer, later)))
            assert node.upper is not None
            return Sum(body, layer, num(0), expanded(plus(node.upper, Neg(ONE))))
        return None

    return formula.rewrite(change)


def _sender_first(formula: Formula) -> Formula:
    """sum over receivers of sum over senders, in the other order."""
    if isinstance(formula, Sum) and isinstance(formula.body, Sum):
        inner = formula.body
        return replace(inner, body=replace(formula, body=inner.body))
    return formula


def _shift(node: Formula, layer: Idx, later: Formula) -> Formula | None:
    if isinstance(node, Ref):
        indices = (expanded(substitute(i, {layer: later})) for i in node.indices)
        return Ref(node.name, tuple(indices))
    return later if node == layer else None


def _entry(q: Quantity, options: Options) -> Ref:
    """The parameter at the document's letters: receiver first."""
    if not options.indices:
        return Ref(q.name, tuple(num(1) for _ in q.axes))
    spare = iter(options.letters)
    return Ref(
        q.name,
        tuple(options.stated if axis.kind == "layer" else Idx(next(spare)) for axis in q.axes),
    )


def _gradient(batch: Batch, q: Quantity, node: Ref, one: Ref, n: Idx, factor: Formula) -> Formula:
    """factor * sum of the samples' derivatives, plus lambda * w where the decay holds it."""
    system = batch.many
    summed = times(factor, Sum(Deriv(one, node), n, ONE, written(batch.count, system)))
    if any(q.name == symbol.name for symbol in batch.decay.free_symbols):
        return plus(summed, times(Ref(system.about.decay), node))
    return summed

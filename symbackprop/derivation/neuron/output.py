"""Section 7 of the neuron view: one output weight, then all of the output layer."""

from __future__ import annotations

from symbackprop.derivation.algebra import cancel, factors_of, rearranged, times
from symbackprop.derivation.neuron.local import edge
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import ONE, Call, Cases, Chain, Formula, Ref

MANY = 12
"""Beyond so many weights of one layer, full chains are written for the first receiver only."""


def section(tale: Tale) -> Section:
    if tale.is_softmax:
        from symbackprop.derivation.neuron import softmax

        return softmax.section(tale)
    w = tale.weights(tale.depth)[0]
    z = tale.receiver(w)
    a = tale.activation_of(z)
    path = ((tale.cost, a), (a, z), (z, w))
    items: list[Step | Prose | Section] = [
        Section(
            "output chain",
            (
                Step(
                    "chain rule",
                    (
                        statement(
                            tale.d_cost(w),
                            times(tale.d_cost(z), tale.product((z, w))),
                            tale.product(*path),
                        ),
                        statement(tale.d_cost(z), tale.product((tale.cost, a), (a, z))),
                    ),
                    topic="one path",
                    about={"w": w, "path": (z, a), "cost": tale.cost},
                    label="output chain",
                ),
            ),
            {"w": w},
        ),
        substitution(tale, w, z, a),
    ]
    items.append(name_error(tale, w, z, a))
    others = likewise(tale, z)
    if others.items:
        items.append(others)
    why = why_vanished(tale, z, a)
    if why is not None:
        items.append(why)
    return Section("output", tuple(items), {"w": w})


def explicit(tale: Tale, w: Ref) -> Formula:
    """dJ/dw of an output weight, cancelled: (a - y) x."""
    z = tale.receiver(w)
    if tale.is_softmax:
        return times(tale.error_value(z), tale.local(z, w))
    a = tale.activation_of(z)
    value = tale.cost_derivative(a).value
    result, _ = cancel(value, tale.local(a, z), tale.local(z, w))
    return result


def substitution(tale: Tale, w: Ref, z: Ref, a: Ref) -> Section:
    d = tale.cost_derivative(a)
    slope, incoming = tale.local(a, z), tale.local(z, w)
    result, struck = cancel(d.value, slope, incoming)
    path = tale.product((tale.cost, a), (a, z), (z, w))
    first: list[Formula | By] = [tale.d_cost(w), By("chain rule", path)]
    if d.raw != d.value and d.fraction is not None:
        first.append(times(d.raw, slope, incoming))
    inserted = times(d.value, slope, incoming)
    if rearranged(inserted, result):
        inserted = result
    first.append(inserted)
    steps = [
        Step(
            "substitute",
            (statement(*first),),
            topic="output substitute",
            about={
                "w": w,
                "z": z,
                "a": a,
                "one": slope == ONE,
                "around": tale.graph.role(a) == "intermediate",
            },
        )
    ]
    if not rearranged(result, inserted):
        steps.append(
            Step(
                "cancel",
                (statement(tale.d_cost(w), By("substitute", inserted), result),),
                topic="output cancel",
                about={"struck": struck, "a": a, "z": z, "facts": facts_for(tale, a, struck)},
                facts=facts_for(tale, a, struck),
                label="output result",
            )
        )
    return Section(
        "output substitution",
        (*steps, Prose("read output", {"w": w, "a": a, "z": z, "result": result})),
        {"cancels": bool(struck)},
    )


def facts_for(tale: Tale, a: Ref, struck: tuple[Formula, ...]) -> tuple[str, ...]:
    """The facts of `a` that keep the cancelled factors from being 0."""
    return tuple(sorted(f.kind for f in tale.graph.quantity(a).facts)) if struck else ()


def name_error(tale: Tale, w: Ref, z: Ref, a: Ref) -> Section:
    """The derivative at the entrance of the neuron (and at its exit) gets a name."""
    rows: list[Chain] = []
    if tale.is_named(a):
        rows.append(statement(tale.error(a), tale.d_cost(a)))
    chain = tale.product((tale.cost, a), (a, z))
    value = tale.error_value(z)
    inserted = times(tale.cost_derivative(a).value, tale.local(a, z))
    cancels = not rearranged(inserted, value)
    rows.append(
        statement(
            tale.error(z),
            tale.d_cost(z),
            By("chain rule", chain),
            *((By("substitute", inserted),) if cancels else ()),
            By("cancel" if cancels else "substitute", value),
        )
    )
    rows.append(statement(tale.d_cost(w), times(tale.error(z), tale.local(z, w))))
    about = {"z": z, "a": a, "w": w, "named": tale.is_named(z), "exit": tale.is_named(a)}
    return Section(
        "output error",
        (Step("name", tuple(rows), topic="name error", about=about, label=f"error {tale.depth}"),),
        about,
    )


def gradient_row(tale: Tale, parameter: Ref, rule: str = "name") -> Chain:
    """dJ/dw = delta * what the sender sent; for a shared parameter the sum over its receivers."""
    from symbackprop.derivation.algebra import plus

    terms = [times(tale.error(z), tale.local(z, parameter)) for z in tale.receivers(parameter)]
    extra = decay_terms(tale, parameter)
    return statement(tale.d_cost(parameter), By(rule, plus(*terms, *extra)))


def decay_terms(tale: Tale, parameter: Ref) -> tuple[Formula, ...]:
    """What the cost itself contributes where it contains the parameter (weight decay)."""
    from symbackprop.derivation.algebra import contains
    from symbackprop.derivation.costs import distributed_over
    from symbackprop.derivation.differentiate import derivative

    if parameter not in tale.in_cost:
        return ()
    found = []
    for term in distributed_over(tale.equation(tale.cost), parameter):
        if contains(term, parameter):
            value, _ = cancel(*factors_of(derivative(term, parameter)))
            found.append(value)
    return tuple(found)


def likewise(tale: Tale, first: Ref) -> Section:
    """The other weights of the layer: full chains for the same receiver, delta form for all."""
    layer = tale.depth
    zs = tale.nodes("pre-activation", layer)
    full: list[Chain] = []
    locals_: list[Chain] = []
    for p in tale.parameters_into(first)[1:]:
        a = tale.activation_of(first)
        if len(tale.receivers(p)) > 1:
            continue
        path = tale.product((tale.cost, a), (a, first), (first, p))
        if tale.is_softmax:
            path = tale.product((tale.cost, first), (first, p))
        full.append(
            statement(tale.d_cost(p), By("chain rule", path), By("substitute", explicit(tale, p)))
        )
        locals_.append(edge(tale, first, p))
    full, locals_ = full[:MANY], locals_[:MANY]
    items: list[Step] = []
    if full:
        items.append(
            Step(
                "likewise",
                tuple(locals_) + tuple(full),
                topic="same receiver",
                about={"z": first, "count": len(full)},
            )
        )
    rows: list[Chain] = []
    for z in zs:
        if z != first:
            a = tale.activation_of(z)
            if tale.is_named(a) and not tale.is_softmax:
                value = tale.cost_derivative(a).value
                rows.append(statement(tale.error(a), By("name", tale.d_cost(a)), value))
            chain = () if tale.is_softmax else (tale.product((tale.cost, a), (a, z)),)
            rows.append(
                statement(
                    tale.error(z),
                    By("name", tale.d_cost(z)),
                    *(By("chain rule", c) for c in chain),
                    tale.error_value(z),
                )
            )
    done: set[Ref] = {tale.weights(layer)[0]}
    own = tale.parameters_into(first)
    for p in tale.parameters(layer):
        if p not in done and len(tale.receivers(p)) == 1:
            done.add(p)
            rows.append(gradient_row(tale, p, "name" if p in own else "likewise"))
    if rows:
        items.append(
            Step(
                "likewise",
                tuple(rows),
                topic="other receivers" if len(zs) > 1 else "delta form",
                about={"z": first, "layer": layer, "receivers": len(zs)},
            )
        )
    shared = [p for p in tale.parameters(layer) if len(tale.receivers(p)) > 1]
    if shared:
        items.append(shared_bias(tale, shared[0]))
    return Section("likewise", tuple(items), {"layer": layer})


def shared_bias(tale: Tale, b: Ref) -> Step:
    """One bias for a whole layer: every neuron of the layer is a path."""
    from symbackprop.derivation.algebra import plus

    zs = tale.receivers(b)
    chain = plus(*(times(tale.d_cost(z), tale.product((z, b))) for z in zs))
    value = plus(*(times(tale.error(z), tale.local(z, b)) for z in zs))
    return Step(
        "chain rule",
        (statement(tale.d_cost(b), chain, By("local derivative", value)),),
        topic="shared bias",
        about={"b": b, "receivers": zs},
    )


def why_vanished(tale: Tale, z: Ref, a: Ref) -> Section | None:
    """Why the slope vanished, or why it stays."""
    function = tale.function(a)
    if function is None or function.abstract:
        return None
    slope = tale.local(a, z)
    if slope == ONE:
        return None
    value = tale.error_value(z)
    gone = not any(f in factors_of(value) for f in factors_of(slope))
    if any(isinstance(n, Cases) for n in slope.walk()):
        # A definition by cases has several rows: in a sentence the slope goes by its name.
        slope = Call(function.name, (z,), 1)
    about = {
        "gone": gone,
        "slope": slope,
        "z": z,
        "a": a,
        "error": tale.error(z),
        "cost": tale.graph.system.about.cost,
        "value": value,
    }
    return Section("why slope", (Prose("why slope", about),), about)

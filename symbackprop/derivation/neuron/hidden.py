"""Section 8 of the neuron view: one hidden weight, over all paths; then back through every layer."""

from __future__ import annotations

from symbackprop.derivation.algebra import plus, same, times
from symbackprop.derivation.neuron.local import edge
from symbackprop.derivation.neuron.output import gradient_row
from symbackprop.derivation.neuron.sums import exit_error, exit_explicit, explicit, path_sum
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import Call, Chain, Deriv, Formula, Ref

MAX_PATHS = 6
"""Beyond so many outputs the second route (all paths written out) is left to the first."""


def sections(tale: Tale) -> tuple[Section, ...]:
    """One section a hidden layer, the last one first."""
    return tuple(section(tale, layer) for layer in range(tale.depth - 1, 0, -1))


def section(tale: Tale, layer: int) -> Section:
    w = tale.weights(layer)[0]
    z = tale.receiver(w)
    a = tale.activation_of(z)
    next_zs = tale.receivers(a)
    items: list[Step | Prose | Section] = [
        _chain(tale, w, z, a),
        _locals(tale, w, z, a),
        _paths(tale, a, next_zs),
    ]
    items.append(_insert(tale, layer, w, z, a))
    items.append(_names(tale, layer, w, z, a))
    if layer == tale.depth - 1 and len(next_zs) <= MAX_PATHS:
        items.append(other_route(tale, w, z, a))
    others = _likewise(tale, layer, z)
    if others.items:
        items.append(others)
    return Section(
        "hidden", tuple(items), {"w": w, "layer": layer, "last": layer == tale.depth - 1}
    )


def _chain(tale: Tale, w: Ref, z: Ref, a: Ref) -> Section:
    path = tale.product((tale.cost, a), (a, z), (z, w))
    step = Step(
        "chain rule",
        (
            statement(tale.d_cost(w), times(tale.d_cost(z), Deriv(z, w)), path),
            statement(tale.d_cost(w), times(tale.d_cost(a), Deriv(a, w))),
            statement(Deriv(a, w), times(Deriv(a, z), Deriv(z, w))),
        ),
        topic="one path",
        about={"w": w, "path": (z, a), "cost": tale.cost},
    )
    return Section("hidden chain", (step,), {"w": w})


def _locals(tale: Tale, w: Ref, z: Ref, a: Ref) -> Section:
    rows: list[Chain] = [edge(tale, n, a) for n in tale.receivers(a)]
    rows.append(slope_row(tale, a, z))
    rows.append(edge(tale, z, w))
    return Section(
        "hidden local",
        (
            Step(
                "local derivative",
                tuple(rows),
                topic="hidden local",
                about={"a": a, "z": z, "w": w},
            ),
            Step(
                "substitute",
                (
                    statement(
                        Deriv(a, w),
                        By("chain rule", times(Deriv(a, z), Deriv(z, w))),
                        times(tale.local(a, z), tale.local(z, w)),
                    ),
                ),
                topic="hidden inner",
                about={"a": a, "w": w},
            ),
        ),
        {"a": a},
    )


def slope_row(tale: Tale, a: Ref, z: Ref) -> Chain:
    """da/dz = d/dz (f written out) = slope."""
    function = tale.function(a)
    if function is None or function.abstract:
        return statement(Deriv(a, z), tale.local(a, z))
    return statement(
        Deriv(a, z),
        Deriv(function.definition(z), z, operator=True),
        By("likewise", tale.local(a, z)),
    )


def _paths(tale: Tale, a: Ref, next_zs: tuple[Ref, ...]) -> Section:
    if tale.skips(a):
        from symbackprop.derivation.neuron import skip

        return skip.paths(tale, a)
    step = Step(
        "chain rule",
        (statement(tale.d_cost(a), path_sum(tale, a)),),
        topic="all paths",
        about={"a": a, "cut": next_zs},
    )
    return Section("hidden paths", (step,), {"a": a, "count": len(next_zs)})


def _insert(tale: Tale, layer: int, w: Ref, z: Ref, a: Ref) -> Section:
    """The errors of the next layer put in: in plain quantities next to the output, by name before."""
    last = layer == tale.depth - 1
    at_exit = exit_explicit(tale, a) if last else exit_error(tale, a)
    whole = times(at_exit, tale.local(a, z), tale.local(z, w))
    errors = statement(tale.d_cost(a), *_paths_again(tale, a), at_exit)
    steps = (
        Step("substitute", (errors,), topic="hidden errors", about={"a": a}),
        Step(
            "substitute",
            (statement(tale.d_cost(w), whole),),
            topic="hidden insert",
            about={"w": w},
            label="hidden result",
        ),
    )
    return Section("hidden insert", steps, {"w": w})


def error_rows(tale: Tale, layer: int, z: Ref, rule: str = "substitute") -> tuple[Chain, ...]:
    """The errors of one hidden neuron: at its exit, at its entrance."""
    a = tale.activation_of(z)
    rows: list[Chain] = []
    slope = tale.local(a, z)
    if tale.is_named(a):
        rows.append(
            statement(
                tale.error(a),
                By("name", tale.d_cost(a)),
                *_paths_again(tale, a),
                By(rule, exit_error(tale, a)),
            )
        )
        rows.append(
            statement(
                tale.error(z),
                By("name", tale.d_cost(z)),
                By("chain rule", times(tale.error(a), Deriv(a, z))),
                By("substitute", times(tale.error(a), slope)),
                By("substitute", times(exit_error(tale, a), slope)),
                *_in_full(tale, layer, a, slope),
            )
        )
        return tuple(rows)
    rows.append(
        statement(
            tale.d_cost(a),
            *_paths_again(tale, a),
            By(rule, exit_error(tale, a)),
        )
    )
    rows.append(
        statement(
            tale.error(z),
            By("name", tale.d_cost(z)),
            By("chain rule", times(tale.d_cost(a), Deriv(a, z))),
            *(By(rule, f) for f in named_slope(tale, a, z)),
            By(rule, times(exit_error(tale, a), slope)),
            *_in_full(tale, layer, a, slope),
        )
    )
    return tuple(rows)


def _paths_again(tale: Tale, a: Ref) -> tuple[By, ...]:
    """dJ/da over its paths; a value that also goes around a block has its own section for them."""
    return () if tale.skips(a) else (By("chain rule", path_sum(tale, a)),)


def _in_full(tale: Tale, layer: int, a: Ref, slope: Formula) -> tuple[By, ...]:
    """In the last hidden layer, the error in plain quantities."""
    if layer != tale.depth - 1:
        return ()
    return (By("substitute", times(exit_explicit(tale, a), slope)),)


def named_slope(tale: Tale, a: Ref, z: Ref) -> tuple[Formula, ...]:
    """The error with the slope still called f'(z), where the book names its functions."""
    body = tale.equation(a)
    if not tale.options.names_functions or not isinstance(body, Call):
        return ()
    named = times(Call(body.name, (z,), 1), exit_error(tale, a))
    written = times(exit_error(tale, a), tale.local(a, z))
    return () if same(named, written) else (named,)


def _names(tale: Tale, layer: int, w: Ref, z: Ref, a: Ref) -> Section:
    rows = (*error_rows(tale, layer, z), gradient_row(tale, w))
    if not tale.is_named(z):
        named = (times(f, tale.local(z, w)) for f in named_slope(tale, a, z))
        put = (By("substitute", f) for f in named)
        rows = (*rows, statement(tale.d_cost(w), gradient_row(tale, w).members[-1], *put))
    about = {"z": z, "a": a, "w": w, "named": tale.is_named(z), "exit": tale.is_named(a)}
    return Section(
        "hidden error",
        (Step("name", rows, topic="name hidden error", about=about, label=f"error {layer}"),),
        about,
    )


def other_route(tale: Tale, w: Ref, z: Ref, a: Ref) -> Section:
    """The same result forwards: every path from the weight to the cost, then the common factor out."""
    outputs = [tale.activation_of(n) for n in tale.receivers(a)]
    tail = (Deriv(a, z), Deriv(z, w))
    heads = [
        times(tale.d_cost(o), Deriv(o, tale.entrance(o)), Deriv(tale.entrance(o), a))
        for o in outputs
    ]
    if tale.is_softmax:  # every output depends on every entrance: the paths are told apart there
        outputs = list(tale.receivers(a))
        heads = [times(tale.d_cost(o), Deriv(o, a)) for o in outputs]
    start = plus(*(times(tale.d_cost(o), Deriv(o, w)) for o in outputs))
    full = plus(*(times(h, *tail) for h in heads))
    collected = times(plus(*heads), *tail)
    step = Step(
        "collect",
        (
            statement(
                tale.d_cost(w),
                By("chain rule", start),
                By("chain rule", full),
                collected,
                By("substitute", explicit(tale, w)),
            ),
        ),
        topic="other route",
        about={"w": w, "outputs": tuple(outputs), "a": a, "z": z},
    )
    return Section("other route", (step,), {"w": w})


def _likewise(tale: Tale, layer: int, first: Ref) -> Section:
    items: list[Step] = []
    own = [p for p in tale.parameters_into(first)[1:] if len(tale.receivers(p)) == 1][:12]
    if own:
        rows: list[Chain] = [edge(tale, first, p) for p in own]
        rows += [
            statement(
                tale.d_cost(p),
                By("chain rule", times(tale.d_cost(first), Deriv(first, p))),
                *((By("substitute", explicit(tale, p)),) if layer == tale.depth - 1 else ()),
            )
            for p in own
        ]
        rows += [gradient_row(tale, p, "substitute") for p in own]
        items.append(
            Step(
                "likewise",
                tuple(rows),
                topic="same receiver",
                about={"z": first, "count": len(own)},
            )
        )
    rows = []
    for z in tale.nodes("pre-activation", layer):
        if z == first:
            continue
        rows += error_rows(tale, layer, z, "likewise")
        rows += [
            gradient_row(tale, p, "likewise")
            for p in tale.parameters_into(z)
            if len(tale.receivers(p)) == 1
        ]
    if rows:
        items.append(
            Step(
                "likewise", tuple(rows), topic="other receivers", about={"z": first, "layer": layer}
            )
        )
    shared = [p for p in tale.parameters(layer) if len(tale.receivers(p)) > 1]
    if shared:
        from symbackprop.derivation.neuron.output import shared_bias

        items.append(shared_bias(tale, shared[0]))
    return Section("likewise", tuple(items), {"layer": layer})

"""A softmax output, neuron by neuron: its Jacobian for each pair, and the way to output minus target."""

from __future__ import annotations

from symbackprop.derivation.algebra import cancel, negative, plus, power, times
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import ONE, Call, Chain, Deriv, Div, Formula, Mul, Neg, Ref, num, sub

WHOLE = 4
"""Up to so many outputs the Jacobian is written for each pair; beyond, its first column."""


def local(tale: Tale) -> Section:
    """da_i/dz_j for every pair: one on the diagonal and one beside it in all steps."""
    zs = tale.nodes("pre-activation", tale.depth)
    z, a = zs[0], tale.outputs[0]
    about = {"a": a, "z": z, "outputs": tale.outputs, "zs": zs}
    steps = [
        Step(
            "local derivative",
            (own_slope(tale, a, z),),
            topic="softmax own",
            about=about,
            label="softmax",
        )
    ]
    if len(zs) > 1:
        other = tale.outputs[1]
        steps.append(
            Step(
                "local derivative",
                (cross_slope(tale, other, z),),
                topic="softmax cross",
                about={**about, "other": other},
            )
        )
    told = {(a, z), *((tale.outputs[1], z) for _ in zs[1:])}
    columns = zs if len(zs) <= WHOLE else zs[:1]
    rows = tuple(
        statement(Deriv(o, n), tale.local(o, n))
        for n in columns
        for o in tale.outputs
        if (o, n) not in told
    )
    if rows:
        whole = len(columns) == len(zs)
        steps.append(Step("likewise", rows, topic="softmax pairs", about={**about, "whole": whole}))
    return Section("local softmax", tuple(steps), about)


def _parts(tale: Tale, a: Ref) -> tuple[Formula, Formula]:
    """Numerator and denominator of a = e^z / (e^z1 + e^z2 + ...)."""
    fraction = tale.equation(a)
    assert isinstance(fraction, Div)
    return fraction.num, fraction.den


def own_slope(tale: Tale, a: Ref, z: Ref) -> Chain:
    """da_1/dz_1: numerator and denominator both contain z_1."""
    top, bottom = _parts(tale, a)
    share, squared = Div(top, bottom), power(bottom, num(2))
    return statement(
        Deriv(a, z),
        Deriv(share, z, operator=True),
        Div(sub(Mul((top, bottom)), Mul((top, top))), squared),
        By("one fraction", sub(Div(Mul((top, bottom)), squared), Div(Mul((top, top)), squared))),
        By("cancel", sub(share, Mul((share, share)))),
        By("definition", sub(a, power(a, num(2)))),
        By("collect", tale.local(a, z)),
    )


def cross_slope(tale: Tale, other: Ref, z: Ref) -> Chain:
    """da_2/dz_1: only the denominator contains z_1."""
    top, bottom = _parts(tale, other)
    inner = Call("exp", (z,))
    return statement(
        Deriv(other, z),
        Deriv(Div(top, bottom), z, operator=True),
        Neg(Div(Mul((top, inner)), power(bottom, num(2)))),
        By("reorder", Neg(Mul((Div(top, bottom), Div(inner, bottom))))),
        By("definition", tale.local(other, z)),
    )


def paths(tale: Tale, z: Ref) -> Formula:
    """sum over all outputs a: dJ/da da/dz."""
    return plus(*(times(tale.d_cost(a), Deriv(a, z)) for a in tale.outputs))


def inserted(tale: Tale, z: Ref) -> Formula:
    """The local derivatives put into `paths`, each in its own bracket: the signs stay to be seen."""
    return plus(*(Mul((tale.cost_derivative(a).value, tale.local(a, z))) for a in tale.outputs))


def cancelled(tale: Tale, z: Ref) -> Formula:
    """-y_1 (1 - a_1) + y_2 a_1 + ...: every output has cancelled its denominator."""
    return plus(*(cancel(tale.cost_derivative(a).value, tale.local(a, z))[0] for a in tale.outputs))


def spread(tale: Tale, z: Ref) -> Formula:
    """-y_1 + y_1 a_1 + y_2 a_1 + ..."""
    a = tale.activation_of(z)
    return plus(negative(tale.target(a)), *(times(tale.target(other), a) for other in tale.outputs))


def section(tale: Tale) -> Section:
    """One weight of the output layer, to (a - y) x."""
    from symbackprop.derivation.neuron.output import likewise

    w = tale.weights(tale.depth)[0]
    z = tale.receiver(w)
    a = tale.activation_of(z)
    about = {"w": w, "z": z, "a": a, "cut": tale.outputs, "outputs": tale.outputs}
    first = Step(
        "chain rule",
        (statement(tale.d_cost(w), times(tale.d_cost(z), Deriv(z, w))),),
        topic="softmax weight",
        about=about,
        label="output chain",
    )
    over_all = Step(
        "chain rule",
        (statement(tale.d_cost(z), paths(tale, z)),),
        topic="softmax paths",
        about=about,
    )
    items: list[Step | Prose | Section] = [
        Section("output chain", (first,), about),
        Section("hidden paths", (over_all,), {"a": z}),
        substitution(tale, z),
    ]
    if tale.is_cross_entropy:
        items.append(reduction(tale, z))
    items += [whole_weight(tale, w, z), name_error(tale, w, z), likewise(tale, z)]
    if tale.is_cross_entropy:
        items.append(Section("why softmax", (Prose("why softmax", about),), about))
    return Section("output", tuple(items), {"w": w})


def substitution(tale: Tale, z: Ref) -> Section:
    """The derivatives of cost and softmax put in; every output cancels."""
    a = tale.activation_of(z)
    about = {"z": z, "a": a, "outputs": tale.outputs, "cancels": tale.is_cross_entropy}
    steps = [
        Step(
            "substitute",
            (statement(tale.d_cost(z), By("chain rule", paths(tale, z)), inserted(tale, z)),),
            topic="softmax substitute",
            about=about,
        )
    ]
    if tale.is_cross_entropy:
        facts = tuple(sorted(f.kind for f in tale.graph.quantity(a).facts))
        steps.append(
            Step(
                "cancel",
                (
                    statement(
                        tale.d_cost(z), By("substitute", inserted(tale, z)), cancelled(tale, z)
                    ),
                ),
                topic="softmax cancel",
                about={**about, "facts": facts},
                facts=facts,
            )
        )
    return Section("output substitution", tuple(steps), about)


def reduction(tale: Tale, z: Ref) -> Section:
    """Multiplied out, the output is a common factor of the targets; they sum to 1."""
    a = tale.activation_of(z)
    y, total = tale.target(a), tale.target_sum
    collected = plus(times(a, total), negative(y))
    about = {"z": z, "a": a, "y": y, "sum": total, "fact": tale.sums_to_one}
    steps: list[Step | Prose] = [
        Step(
            "collect",
            (
                statement(
                    tale.d_cost(z),
                    By("substitute", cancelled(tale, z)),
                    By("collect", spread(tale, z)),
                    collected,
                ),
            ),
            topic="softmax collect",
            about=about,
        )
    ]
    if tale.sums_to_one:
        steps.append(
            Step(
                "use fact",
                (
                    statement(total, ONE),
                    statement(tale.d_cost(z), By("substitute", collected), plus(a, negative(y))),
                ),
                topic="softmax fact",
                about=about,
                facts=("sums to 1",),
                label="p - y",
            )
        )
    else:
        steps.append(Prose("softmax no fact", about))
    return Section("softmax reduction", tuple(steps), about)


def whole_weight(tale: Tale, w: Ref, z: Ref) -> Section:
    """dJ/dw = dJ/dz dz/dw = (a - y) x."""
    a = tale.activation_of(z)
    incoming = tale.local(z, w)
    result = times(tale.error_value(z), incoming)
    step = Step(
        "substitute",
        (statement(tale.d_cost(w), By("chain rule", times(tale.d_cost(z), Deriv(z, w))), result),),
        topic="softmax whole weight",
        about={"w": w, "z": z, "incoming": incoming},
        label="output result",
    )
    read = Prose("read output", {"w": w, "a": a, "z": z, "result": result})
    return Section("softmax whole weight", (step, read), {"w": w})


def name_error(tale: Tale, w: Ref, z: Ref) -> Section:
    """The derivative at the entrance gets its name (and those at the exits, where the book has one)."""
    rows: list[Chain] = []
    a = tale.activation_of(z)
    if tale.is_named(a):
        rows += [
            statement(
                tale.error(o), tale.d_cost(o), By("substitute", tale.cost_derivative(o).value)
            )
            for o in tale.outputs
        ]
    rows.append(statement(tale.error(z), tale.d_cost(z), By("substitute", tale.error_value(z))))
    rows.append(statement(tale.d_cost(w), By("substitute", times(tale.error(z), tale.local(z, w)))))
    about = {"z": z, "a": a, "w": w, "named": tale.is_named(z), "exit": tale.is_named(a)}
    step = Step(
        "name", tuple(rows), topic="name softmax error", about=about, label=f"error {tale.depth}"
    )
    return Section("output error", (step,), about)

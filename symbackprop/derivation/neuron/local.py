"""Section 6 of the neuron view: every local derivative, derived."""

from __future__ import annotations

from symbackprop.derivation.algebra import factors_of, plus, same, split_fraction, times
from symbackprop.derivation.differentiate import derivative
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import (
    ONE,
    Add,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Mul,
    Neg,
    Pow,
    Ref,
    num,
)


def section(tale: Tale) -> Section:
    items: list[Step | Prose | Section] = [weighted_sum(tale)]
    seen: set[str] = set()
    for layer in range(tale.depth, 0, -1):
        a = tale.activation_of(tale.nodes("pre-activation", layer)[0])
        body = tale.equation(a)
        if tale.is_softmax and layer == tale.depth:
            from symbackprop.derivation.neuron import softmax

            items.append(softmax.local(tale))
            continue
        if tale.graph.role(a) == "intermediate":
            from symbackprop.derivation.neuron import skip

            items.append(skip.local(tale, a))
            continue
        name = body.name if isinstance(body, Call) else "identity"
        if name not in seen:
            seen.add(name)
            items.append(activation(tale, a))
    items.append(cost(tale))
    return Section("local", tuple(items), {"cost": tale.cost})


def edge(tale: Tale, u: Ref, v: Ref) -> Chain:
    """du/dv = d/dv (equation of u) = value, for a weighted sum."""
    body = tale.equation(u)
    return statement(
        Deriv(u, v),
        By("local derivative", Deriv(body, v, operator=True)),
        By("local derivative", derivative(body, v)),
    )


def weighted_sum(tale: Tale) -> Section:
    w = tale.weights(tale.depth)[0]
    z = tale.receiver(w)
    rows = [edge(tale, z, w)]
    senders = [s for s in tale.graph.sources(z) if not tale.graph.quantity(s).is_parameter]
    if tale.depth > 1:
        rows.append(edge(tale, z, senders[0]))
    biases = [p for p in tale.parameters_into(z) if tale.graph.role(p) == "bias"]
    rows += [edge(tale, z, b) for b in biases]
    about = {"bias": bool(biases), "hidden": tale.depth > 1}
    step = Step("local derivative", tuple(rows), topic="weighted sum", about=about, label="sum")
    return Section("local sum", (step,), about)


def activation(tale: Tale, a: Ref) -> Section:
    """The slope of an activation, from its definition to its textbook form."""
    z = tale.entrance(a)
    function = tale.function(a)
    d = Deriv(a, z)
    if function is None:
        return unchanged(tale, a, z)
    if function.abstract:
        about = {"function": function.name, "a": a, "z": z}
        same_function = [a, *(n for n in _others(tale, a))]
        rows = tuple(
            statement(Deriv(n, tale.entrance(n)), Call(function.name, (tale.entrance(n),), 1))
            for n in same_function[:MANY]
        )
        return Section(
            "local abstract",
            (Step("local derivative", rows, topic="abstract", about=about),),
            about,
        )
    written = function.definition(z)
    raw = function.slope_written(z)
    by_value = function.slope_by_value(a, z)
    about = {"function": function.name, "a": a, "z": z, "count": _count(tale, a)}
    items: list[Step | Prose] = []
    split = _split(raw, written, by_value, a)
    members: list[Formula | By] = [d, Deriv(written, z, operator=True)]
    power_form = _power_form(written, z)
    members += power_form
    members.append(By("reorder", raw) if power_form else raw)
    if split is not None:
        members.append(By("reorder", split[0]))
    items.append(
        Step("local derivative", (statement(*members),), topic="activation raw", about=about)
    )
    if split is not None:
        _, second, fractions = split
        items.append(
            Step("rewrite", (statement(second, *fractions),), topic="missing to one", about=about)
        )
    ends: list[Formula | By] = [d]
    if by_value is not None:
        ends.append(by_value)
    else:
        ends.append(By("local derivative", Call(function.name, (z,), 1)))
    finals = [statement(*ends)] if ends[1] != raw else []
    if tale.options.activation != "written" and by_value is not None:
        value_in_z = function.slope_by_value(Call(function.name, (z,)), z)
        assert value_in_z is not None
        inserted = function.slope_by_value(written, z)
        assert inserted is not None
        finals.append(
            statement(
                d,
                Call(function.name, (z,), 1),
                raw,
                inserted,
                By("definition", value_in_z),
                By("definition", by_value),
            )
        )
    if by_value is None:
        finals.append(statement(Call(function.name, (z,), 1), By("local derivative", raw)))
    if finals:
        items.append(
            Step(
                "rewrite",
                tuple(finals),
                topic="activation slope" if by_value is not None else "activation slope kept",
                about=about,
                label="slope",
            )
        )
    others = _likewise(tale, a)
    if others:
        items.append(Step("likewise", others, topic="activation likewise", about=about))
    return Section("local activation", tuple(items), about)


def _others(tale: Tale, a: Ref) -> tuple[Ref, ...]:
    """The other neurons with the same function."""
    function = tale.function(a)
    assert function is not None
    found = []
    for n in tale.graph.with_role("activation"):
        other = tale.function(n)
        if n != a and other is not None and other.name == function.name:
            found.append(n)
    return tuple(found)


def unchanged(tale: Tale, a: Ref, z: Ref) -> Section:
    """The identity: what enters leaves."""
    others = [n for n in tale.graph.with_role("activation") if tale.equation(n) == tale.entrance(n)]
    rows = tuple(statement(Deriv(n, tale.entrance(n)), ONE) for n in (a, *others[:MANY]))
    about = {"function": "identity", "a": a, "z": z}
    step = Step("local derivative", tuple(dict.fromkeys(rows)), topic="identity", about=about)
    return Section("local activation", (step,), about)


MANY = 12


def _likewise(tale: Tale, first: Ref) -> tuple[Chain, ...]:
    """The slopes of the other neurons with the same function."""
    function = tale.function(first)
    assert function is not None
    rows: list[Chain] = []
    for z in reversed(tale.graph.with_role("pre-activation")):
        a = tale.activation_of(z)
        other = tale.function(a)
        if a == first or other is None or other.name != function.name:
            continue
        by_value = function.slope_by_value(a, z)
        call = Call(function.name, (z,))
        if by_value is None:
            rows.append(statement(Deriv(a, z), Call(function.name, (z,), 1)))
        elif tale.options.names_functions and _shown_whole(tale, z):
            in_z = function.slope_by_value(call, z)
            inserted = function.slope_by_value(function.definition(z), z)
            assert in_z is not None
            assert inserted is not None
            rows.append(
                statement(
                    Deriv(a, z),
                    Call(function.name, (z,), 1),
                    function.slope_written(z),
                    inserted,
                    in_z,
                    by_value,
                )
            )
        else:
            rows.append(statement(Deriv(a, z), by_value))
    return tuple(reversed(rows[:MANY]))


def _shown_whole(tale: Tale, z: Ref) -> bool:
    """Whether the whole chain is written for a neuron: the outputs, and the first of each layer."""
    layer = tale.graph.layer(z) or 0
    return layer == tale.depth or z == tale.nodes("pre-activation", layer)[0]


def _count(tale: Tale, a: Ref) -> int:
    name = tale.equation(a)
    return sum(
        1
        for other in tale.graph.with_role("activation")
        if isinstance(name, Call)
        and isinstance(body := tale.equation(other), Call)
        and body.name == name.name
    )


def _power_form(written: Formula, z: Formula) -> list[Formula]:
    """1/(1 + u) as a power: -(1 + u)^-2 (u'), the line before the quotient is written."""
    if not isinstance(written, Div) or written.num != ONE:
        return []
    inner = derivative(written.den, z)
    # The inner derivative keeps its own bracket, so that outer and inner stay apart.
    outer = Neg(Mul((Pow(written.den, Neg(num(2))), inner)))
    return [outer] if isinstance(inner, Neg) else []


def _split(
    raw: Formula, written: Formula, by_value: Formula | None, a: Ref
) -> tuple[Formula, Formula, tuple[Formula, ...]] | None:
    """The slope as f times a rest, where the rest is what is missing to 1.

    Returns (product, '1 - a', its two fractions), None where the function is not of this kind.
    """
    if by_value is None or not isinstance(written, Div) or not isinstance(raw, Div):
        return None
    factors = factors_of(by_value)
    if len(factors) != 2 or not same(factors[0], a):
        return None
    if not same(raw.den, Pow(written.den, num(2))):
        return None
    rest = Div(raw.num, written.den)
    top, _ = split_fraction(written)
    whole = Div(written.den, written.den)
    difference = plus(whole, Neg(Div(top, written.den)))
    return times(written, rest), factors[1], (difference, rest)


def cost(tale: Tale) -> Section:
    """dJ/da for the first output in all steps, likewise for the others."""
    outputs = tale.outputs
    a = outputs[0]
    d = tale.cost_derivative(a)
    about = {
        "a": a,
        "outputs": len(outputs),
        "fraction": d.fraction is not None,
        "cost": tale.graph.system.about.cost,
        "target": _target(tale, d.part),
        "inner": _inner(tale, d.part, a),
    }
    items: list[Step] = [
        Step(
            "one fraction",
            (statement(tale.d_cost(a), *d.lines()),),
            topic="cost derivative",
            about=about,
            label="cost",
        )
    ]
    if len(outputs) > 1:
        rows = tuple(statement(tale.d_cost(o), tale.cost_derivative(o).value) for o in outputs[1:])
        items.append(Step("likewise", rows, topic="cost likewise", about={"outputs": len(outputs)}))
    return Section("local cost", tuple(items), about)


def _inner(tale: Tale, part: Formula, a: Ref) -> Formula | None:
    """What stands inside a function or square with -a in it: its derivative is -1."""
    target = _target(tale, part)
    if target is not None and tale.options.target_first:
        difference = Add((a, Neg(target)))
        if any(n == difference for n in part.walk()):
            return Add((target, Neg(a)))
    return next(
        (n for n in part.walk() if isinstance(n, Add) and Neg(a) in n.terms),
        None,
    )


def _target(tale: Tale, part: Formula) -> Formula | None:
    return next(
        (n for n in part.walk() if isinstance(n, Ref) and tale.graph.role(n) == "target"), None
    )

"""The four equations of backpropagation in index form, with their proofs by Kronecker brackets."""

from __future__ import annotations

from symbackprop.derivation.algebra import cancel, expanded, negative, plus, power, times
from symbackprop.derivation.differentiate import derivative, pulled_in
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.scale import scale
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import (
    ONE,
    Add,
    Array,
    Bracket,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Idx,
    Neg,
    Norm,
    Num,
    Ref,
    Sum,
    num,
    sub,
)


def bracket(left: Formula, right: Formula) -> Bracket:
    """[m = j]."""
    return Bracket(Chain((left, right), ("=",)))


def forward(net: Layers) -> Section:
    """z and a at a letter (or at each layer), the input as layer 0."""
    j, k = net.letter(0), net.letter(1)
    rows: list[Chain] = []
    composed: list[Chain] = []
    layers: tuple[Formula, ...]
    if net.generic:
        rows.append(statement(net.a(num(0), j), Ref("x", (j,))))
        layers = (net.stated,)
    else:
        assert isinstance(net.depth, Num)
        layers = tuple(num(i) for i in range(1, int(net.depth.value) + 1))
    for layer in layers:
        rows.append(statement(net.z(layer, j), net.weighted_sum(layer, j, k)))
        if net.is_softmax(layer):
            rows.append(softmax_row(net, layer, j))
        else:
            rows.append(statement(net.a(layer, j), net.apply(layer, net.z(layer, j))))
            composed.append(
                statement(net.a(layer, j), net.apply(layer, net.weighted_sum(layer, j, k)))
            )
    about = {
        "j": j,
        "k": k,
        "l": net.stated,
        "depth": net.depth,
        "generic": net.generic,
        "layers": layer_range(net, stated=True) if net.generic else None,
        "w": net.w(net.stated if net.generic else net.depth, j, k),
        "functions": tuple(f.name for f in net.system.functions),
    }
    items: list[Step | Prose] = [
        Step("definition", tuple(rows), topic="index forward", about=about)
    ]
    if composed:
        items.append(Step("substitute", tuple(composed), topic="index composed", about=about))
    items.append(Prose("index convention", about))
    return Section("forward", tuple(items), about)


def layer_range(net: Layers, *, stated: bool) -> tuple[Formula, Formula, Formula]:
    """(letter, lower, upper) of the layers at which an equation holds.

    stated: where weighted sums are stated, all layers with weights; else BP2, all hidden layers.
    """
    last = _minus_one(net.depth)
    if not stated:
        return net.layer, ONE, last
    if isinstance(net.stated, Add):
        return net.layer, num(0), last
    return net.layer, ONE, net.depth


def _minus_one(formula: Formula) -> Formula:
    return expanded(sub(formula, ONE))


def softmax_row(net: Layers, layer: Formula, j: Idx) -> Chain:
    r = net.letter(2)
    top = Call("exp", (net.z(layer, j),))
    bottom = net.over(Call("exp", (net.z(layer, r),)), r, layer)
    return statement(net.a(layer, j), Div(top, bottom))


def cost(net: Layers, body: Formula) -> Section:
    """J as a sum over the outputs; for half squared error also as a norm."""
    members: list[Formula | By] = [body]
    if net.system.about.cost == "half-sse":
        # The one cost with a second form that every book uses.
        a, y = net.array("activation", net.depth), Array("y")
        if net.target_first:
            members.append(By("lift to matrix", half_norm(sub(a, y))))
        members.append(
            By("reorder" if net.target_first else "lift to matrix", half_norm(sub(y, a)))
        )
    about = {
        "cost": net.system.about.cost,
        "outputs": 2,
        "over_outputs": net.system.about.over_outputs,
    }
    return Section(
        "cost",
        (
            Step("definition", (statement(net.cost, *members),), topic="cost", about=about),
            Prose("cost scale", {**about, **scale(net.system), "about": net.system.about}),
        ),
        about,
    )


def half_norm(difference: Formula) -> Formula:
    """1/2 times the squared norm."""
    return times(Div(ONE, num(2)), power(Norm(difference), num(2)))


def brackets(net: Layers) -> Section:
    """What [m = j] means and the two things that it does."""
    layer = net.layer if net.generic else net.depth
    m, j = net.letter(2), net.letter(0)
    row = statement(Deriv(net.z(layer, m), net.z(layer, j)), bracket(m, j))
    picked = Sum(times(net.z(layer, m), bracket(m, j)), m, ONE, net.width(layer))
    about = {"m": m, "j": j, "z": net.z(layer, j), "l": layer}
    return Section(
        "brackets",
        (
            Step("local derivative", (row,), topic="bracket", about=about),
            Step(
                "bracket picks",
                (statement(picked, net.z(layer, j)),),
                topic="bracket sum",
                about=about,
            ),
        ),
        about,
    )


def start(net: Layers, body: Formula) -> Section:
    """BP1: the error of the output layer."""
    j, k = net.letter(0), net.letter(1)
    layer = net.depth
    d_a = net.d(net.a(layer, k))
    z_j = net.z(layer, j)
    chain_sum = net.over(times(d_a, Deriv(net.a(layer, k), z_j)), k, layer)
    slope_k = net.apply(layer, net.z(layer, k), 1)
    inserted = net.over(times(d_a, slope_k, bracket(k, j)), k, layer)
    final = times(net.d(net.a(layer, j)), net.slope(layer, j))
    about = {
        "j": j,
        "k": k,
        "layer": layer,
        "delta": net.delta(layer, j),
        "a": net.a(layer, k),
        "z": z_j,
    }
    steps: list[Step] = []
    name = statement(net.delta(layer, j), net.d(z_j))
    if len(name.members) > 1:
        steps.append(Step("name", (name,), topic="index error", about=about))
    steps.append(
        Step(
            "chain rule",
            (
                statement(
                    net.delta(layer, j),
                    By("name", net.d(z_j)),
                    chain_sum,
                    By("local derivative", inserted),
                    By("bracket picks", final),
                ),
            ),
            topic="bp1",
            about=about,
            label="BP1",
        )
    )
    if not net.is_softmax(layer):
        steps += output_errors(net, body)
    return Section("bp1", tuple(steps), about)


def output_errors(net: Layers, body: Formula) -> list[Step]:
    """dJ/da for this cost, put into BP1."""
    j = net.letter(0)
    layer = net.depth
    a = net.a(layer, j)
    summand, index = _summand(body)
    if summand is None or index is None:
        return []
    other = net.letter(1)
    at_other = _reletter(summand, index, other)
    mine = _reletter(summand, index, j)
    sums = Sum(at_other, other, ONE, net.width(layer))
    raw = derivative(mine, a)
    pulled = pulled_in(mine, a)
    value = _school(raw)
    about = {"a": a, "j": j, "k": other, "delta": net.delta(layer, j)}
    members: list[Formula | By] = [net.d(a), Deriv(sums, a, operator=True)]
    if pulled is not None:
        members.append(pulled)
    members += [raw, By("cancel", value)]
    first = Step(
        "local derivative",
        (statement(*members),),
        topic="index cost",
        about=about,
        label="index cost",
    )
    slope = net.slope(layer, j)
    product, _ = cancel(value, slope)
    z = net.z(layer, j)
    delta = net.delta(layer, j)
    rows: list[Chain] = []
    whole: Formula | None = None
    if net.generic and net.system.about.cost == "half-sse":
        whole = half_norm(sub(Array("y"), net.array("activation", layer)))
    composed_members: list[Formula | By] = [delta, By("name", net.d(z))]
    if whole is not None:
        composed_members.append(Deriv(whole, z, operator=True))
    rule = "local derivative" if whole is None else "substitute"
    composed_members.append(By(rule, Deriv(sums, z, operator=True)))
    in_z = _replace_activation(net, at_other, other)
    composed_members.append(Deriv(Sum(in_z, other, ONE, net.width(layer)), z, operator=True))
    at_value = _replace_activation(net, _reletter(value, j, other), other)
    slope_other = net.apply(layer, net.z(layer, other), 1)
    before_pick = net.over(times(at_value, slope_other, bracket(other, j)), other, layer)
    composed_members.append(By("local derivative", before_pick))
    composed_members.append(By("bracket picks", times(_replace_activation(net, value, j), slope)))
    composed_members.append(product)
    rows.append(statement(*composed_members))
    second = Step(
        "substitute", tuple(rows), topic="index output error", about=about, label="index start"
    )
    return [first, second]


def _replace_activation(net: Layers, formula: Formula, j: Idx) -> Formula:
    """a written as f(z)."""
    a = net.a(net.depth, j)
    value = net.apply(net.depth, net.z(net.depth, j))
    return formula.rewrite(lambda node: value if node == a else None)


def _school(raw: Formula) -> Formula:
    """One fraction, expanded above, numbers cancelled."""
    from symbackprop.derivation.algebra import (
        factors_of,
        one_fraction,
        over,
        split_fraction,
        terms_of,
    )

    if len(terms_of(raw)) > 1:
        top, bottom = split_fraction(one_fraction(raw))
        return over(expanded(top), bottom)
    value, _ = cancel(*factors_of(raw))
    return value


def _summand(body: Formula) -> tuple[Formula | None, Idx | None]:
    """J = c sum_j g(j): (c g, j). None where J is not of that form."""
    if isinstance(body, Neg):
        inner, index = _summand(body.body)
        return (None if inner is None else negative(inner)), index
    if isinstance(body, Sum):
        return body.body, body.index
    sums = [f for f in body.children() if isinstance(f, Sum)]
    from symbackprop.derivation.algebra import factors_of

    if len(sums) == 1 and sums[0] in factors_of(body):
        rest = [f for f in factors_of(body) if f is not sums[0]]
        return times(*rest, sums[0].body), sums[0].index
    return None, None


def _reletter(formula: Formula, old: Idx, new: Idx) -> Formula:
    return formula.rewrite(lambda node: new if node == old else None)


def step(net: Layers, layer: Formula) -> Section:
    """BP2: from the error of layer l+1 to that of layer l."""
    j, k, m = net.letter(0), net.letter(1), net.letter(2)
    up = net.after(layer)
    z_k, z_j = net.z(up, k), net.z(layer, j)
    local = Deriv(z_k, z_j)
    delta_k = net.delta(up, k)
    about = {
        "j": j,
        "k": k,
        "m": m,
        "layer": layer,
        "up": up,
        "z_j": z_j,
        "z_k": z_k,
        "delta": net.delta(layer, j),
        "delta_k": delta_k,
        "slope": net.slope(layer, j),
        "layers": layer_range(net, stated=False) if net.generic else None,
    }

    def total(body: Formula) -> Formula:
        return net.over(body, k, up)

    first: list[Formula | By] = [
        net.delta(layer, j),
        By("name", net.d(z_j)),
        total(times(net.d(z_k), local)),
        By("name", total(times(delta_k, local))),
    ]
    f_m = net.apply(layer, net.z(layer, m))
    slope_m = net.apply(layer, net.z(layer, m), 1)
    w_km = net.w(up, k, m)

    def inner(body: Formula) -> Formula:
        return net.over(body, m, layer)

    bias = net.b(up, k)
    composed = plus(inner(times(w_km, f_m)), *(() if bias is None else (bias,)))
    d_m = Deriv(net.z(layer, m), z_j)
    lines: list[Formula | By] = [
        local,
        By("substitute", Deriv(composed, z_j, operator=True)),
        inner(times(w_km, Deriv(f_m, z_j))),
        inner(times(w_km, slope_m, d_m)),
        inner(times(w_km, slope_m, bracket(m, j))),
        By("bracket picks", times(net.w(up, k, j), net.slope(layer, j))),
    ]
    if net.function_of(layer) == "identity":
        lines = [
            local,
            By("substitute", Deriv(composed, z_j, operator=True)),
            inner(times(w_km, d_m)),
            inner(times(w_km, bracket(m, j))),
            By("bracket picks", net.w(up, k, j)),
        ]
    slope = net.slope(layer, j)
    final = times(total(times(net.w(up, k, j), delta_k)), slope)
    put = total(times(delta_k, net.w(up, k, j), slope))
    collected: list[Formula | By] = [net.delta(layer, j), By("substitute", put), final]
    steps = (
        Step("chain rule", (statement(*first),), topic="bp2 chain", about=about),
        Step(
            "substitute",
            (statement(z_k, By("definition", net.weighted_sum(up, k, m)), composed),),
            topic="bp2 composed",
            about=about,
        ),
        Step("local derivative", (statement(*lines),), topic="bp2 local", about=about),
        Step(
            "collect",
            (
                statement(*collected),
                statement(net.delta(layer, j), By("name", net.d(z_j)), By("substitute", final)),
            ),
            topic="bp2 collect",
            about=about,
            label="BP2",
        ),
        Prose("bp2 check", about),
    )
    return Section("bp2", steps, about)


def parameters(net: Layers, layer: Formula) -> Section:
    """BP3 and BP4: what the errors are for."""
    j, k, m, n = (net.letter(i) for i in range(4))
    before = net.before(layer)
    w = net.w(layer, j, k)
    z_m = net.z(layer, m)
    a_n, a_k = net.a(before, n), net.a(before, k)

    def total(body: Formula) -> Formula:
        return net.over(body, m, layer)

    delta_m, delta_j = net.delta(layer, m), net.delta(layer, j)
    local = statement(
        Deriv(z_m, w),
        By(
            "local derivative",
            net.over(times(bracket(m, j), bracket(n, k), a_n), n, before),
        ),
        By("bracket picks", times(bracket(m, j), a_k)),
    )
    weight = statement(
        net.d(w),
        By("chain rule", total(times(net.d(z_m), Deriv(z_m, w)))),
        By("name", total(times(delta_m, Deriv(z_m, w)))),
        By("substitute", total(times(delta_m, bracket(m, j), a_k))),
        By("bracket picks", times(delta_j, a_k)),
    )
    about = {"j": j, "k": k, "m": m, "n": n, "w": w, "layer": layer, "a": a_k, "delta": delta_j}
    weighted = statement(z_m, net.weighted_sum(layer, m, n))
    steps: list[Step | Prose] = [
        Step("definition", (weighted,), topic="bp4 sum", about=about),
        Step("local derivative", (local,), topic="bp4 local", about=about),
        Step("bracket picks", (weight,), topic="bp4", about=about, label="BP4"),
        Step(
            "local derivative",
            (
                statement(Deriv(net.z(layer, j), w), Deriv(net.weighted_sum(layer, j, n), w), a_k),
                statement(
                    net.d(w),
                    By("chain rule", times(net.d(net.z(layer, j)), Deriv(net.z(layer, j), w))),
                    By("substitute", times(net.d(net.z(layer, j)), a_k)),
                    By("name", times(delta_j, a_k)),
                ),
            ),
            topic="bp4 short",
            about=about,
        ),
    ]
    b = net.b(layer, j)
    if b is not None:
        shared = net.system.about.bias == "layer"
        with_bias: dict[str, object] = {**about, "b": b, "shared": shared}
        if shared:
            steps.append(
                Step(
                    "chain rule",
                    (
                        statement(
                            net.d(b),
                            total(times(delta_m, Deriv(z_m, b))),
                            By("local derivative", total(delta_m)),
                        ),
                    ),
                    topic="bp3 shared",
                    about=with_bias,
                    label="BP3",
                )
            )
        else:
            steps.append(
                Step(
                    "bracket picks",
                    (
                        statement(Deriv(z_m, b), By("local derivative", bracket(m, j))),
                        statement(
                            net.d(b),
                            By("chain rule", total(times(net.d(z_m), Deriv(z_m, b)))),
                            By("substitute", total(times(delta_m, bracket(m, j)))),
                            delta_j,
                        ),
                        statement(
                            net.d(b), By("name", net.d(net.z(layer, j))), By("name", delta_j)
                        ),
                    ),
                    topic="bp3",
                    about=with_bias,
                    label="BP3",
                )
            )
    return Section("bp34", tuple(steps), about)

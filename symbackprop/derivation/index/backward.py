"""BP2 to BP4: from one layer to the layer before, and what the errors are for."""

from __future__ import annotations

from symbackprop.derivation.algebra import plus, times
from symbackprop.derivation.index.equations import bracket, layer_range
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import (
    Deriv,
    Formula,
)


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

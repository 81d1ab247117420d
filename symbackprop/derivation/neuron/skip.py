"""A path around some layers: r = a + z. The error of `a` comes back on two ways into the sum."""

from __future__ import annotations

from symbackprop.derivation.algebra import plus, times
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.steps import By, Section, Step, statement
from symbackprop.formula.tree import ONE, Deriv, Formula, Ref


def local(tale: Tale, r: Ref) -> Section:
    """dr/dz = 1: a sum passes on the change of a term. dr/da is more: z depends on a, too."""
    body = tale.equation(r)
    z = tale.entrance(r)
    (around,) = (s for s in tale.graph.sources(r) if s != z)
    step = Step(
        "local derivative",
        (statement(Deriv(r, z), Deriv(body, z, operator=True), ONE),),
        topic="skip sum",
        about={"r": r, "z": z, "a": around},
    )
    return Section("local skip", (step,), {"r": r})


def paths(tale: Tale, a: Ref) -> Section:
    """dJ/da: by the outputs, split into the way around and the way through, then the block by itself."""
    (r,) = tale.skips(a)
    zs = tale.receivers(a)
    ends = tuple(tale.entrance(o) for o in tale.outputs)
    own = tale.entrance(r)
    about = {"a": a, "r": r, "z": own, "zs": zs, "ends": ends, "outputs": tale.outputs}

    by_outputs = plus(*(times(tale.d_cost(o), Deriv(o, a)) for o in tale.outputs))
    split = [
        statement(Deriv(o, a), plus(ONE, Deriv(z, a)) if o == r else Deriv(z, a))
        for o, z in zip(tale.outputs, ends, strict=True)
    ]
    inserted = plus(
        *(
            times(tale.d_cost(o), plus(ONE, Deriv(z, a)) if o == r else Deriv(z, a))
            for o, z in zip(tale.outputs, ends, strict=True)
        )
    )
    apart = plus(
        tale.d_cost(r),
        *(times(tale.d_cost(o), Deriv(z, a)) for o, z in zip(tale.outputs, ends, strict=True)),
    )
    through = plus(*(times(tale.error(z), Deriv(z, a)) for z in ends))
    named = plus(tale.error(own), through)
    steps = (
        Step(
            "chain rule",
            (statement(tale.d_cost(a), by_outputs),),
            topic="skip cut",
            about=about,
        ),
        Step("local derivative", tuple(split), topic="skip split", about=about),
        Step(
            "substitute",
            (statement(tale.d_cost(a), inserted, By("collect", apart)),),
            topic="skip insert",
            about=about,
        ),
        Step(
            "name",
            (
                *(statement(tale.d_cost(o), tale.error(tale.entrance(o))) for o in tale.outputs),
                statement(tale.d_cost(a), By("substitute", apart), named),
            ),
            topic="skip names",
            about=about,
        ),
        *block(tale, a, zs, ends, through),
        Step(
            "substitute",
            (statement(tale.d_cost(a), By("name", named), exit_error(tale, a)),),
            topic="skip together",
            about=about,
        ),
    )
    return Section("skip paths", steps, about)


def block(
    tale: Tale, a: Ref, zs: tuple[Ref, ...], ends: tuple[Ref, ...], through: Formula
) -> tuple[Step, Step]:
    """The way through the block: every path from `a` to its end meets exactly one of `zs`."""
    rows = tuple(
        statement(Deriv(end, a), plus(*(times(Deriv(end, z), Deriv(z, a)) for z in zs)))
        for end in ends
    )
    regrouped = plus(
        *(
            times(plus(*(times(tale.error(end), Deriv(end, z)) for end in ends)), Deriv(z, a))
            for z in zs
        )
    )
    expanded = plus(
        *(
            times(tale.error(end), plus(*(times(Deriv(end, z), Deriv(z, a)) for z in zs)))
            for end in ends
        )
    )
    named = plus(*(times(tale.error(z), Deriv(z, a)) for z in zs))
    put = plus(*(times(tale.local(z, a), tale.error(z)) for z in zs))
    about = {"a": a, "zs": zs, "ends": ends, "errors": tuple(tale.error(z) for z in zs)}
    return (
        Step("chain rule", rows, topic="skip block", about=about),
        Step(
            "collect",
            (
                statement(
                    through,
                    By("substitute", expanded),
                    regrouped,
                    By("chain rule", named),
                    By("substitute", put),
                ),
            ),
            topic="skip collect",
            about=about,
        ),
    )


def exit_error(tale: Tale, a: Ref) -> Formula:
    """dJ/da: the error of the sum, as it is, and the errors of the next layer by the weights."""
    around = (tale.error(tale.entrance(r)) for r in tale.skips(a))
    return plus(*around, *(times(tale.local(z, a), tale.error(z)) for z in tale.receivers(a)))

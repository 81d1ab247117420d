"""The index view of any system: one section a quantity, latest first, from the record of the sweep.

For every quantity v:  dJ/dv = sum over the equations u that contain v of dJ/du du/dv. Shared weights
give sums over time or samples, shifted indices (h[t-1]) give cases, a softmax its Jacobian.
"""

from __future__ import annotations

from symbackprop.calculus.adjoint import Adjoint, AdjointSystem
from symbackprop.calculus.letters import put
from symbackprop.calculus.written import written
from symbackprop.derivation.index import softmax
from symbackprop.derivation.index.equations import with_definition
from symbackprop.derivation.index.independence import independent
from symbackprop.derivation.index.paths import case_steps, final_form
from symbackprop.derivation.index.teller import Teller, local_steps, solved
from symbackprop.derivation.scale import scale
from symbackprop.derivation.steps import Prose, Section, Step, statement
from symbackprop.formula.tree import Chain, Deriv, Formula, Idx, Ref
from symbackprop.system.model import Equation, System


def forward(system: System) -> Section:
    """Every equation of the system, as it stands; that of the cost only if there is no other."""
    before = [e for e in system.equations if e.target != system.cost]
    rows = [
        with_definition(system, written(e.lhs, system), written(e.rhs, system))
        for e in before or system.equations
    ]
    about = {"ranges": ranges(system, system.equations), "generic": False, "depth": 0}
    step = Step("definition", tuple(rows), topic="system forward", about=about)
    return Section("forward", (step,), about)


def cost(system: System) -> Section:
    (equation,) = system.equations_of[system.cost]
    about = {
        "cost": system.about.cost,
        "outputs": 2 if system.about.over_outputs else 1,
        "over_outputs": system.about.over_outputs,
        "ranges": (),
    }
    row = statement(Ref(system.cost), written(equation.rhs, system))
    return Section(
        "cost",
        (
            Step("definition", (row,), topic="system cost", about=about),
            Prose("cost scale", {**about, **scale(system), "about": system.about}),
        ),
        about,
    )


def ranges(
    system: System, equations: tuple[Equation, ...]
) -> tuple[tuple[Formula, Formula, Formula], ...]:
    """Letter, lower, upper of every free letter, each once."""
    found: dict[str, tuple[Formula, Formula, Formula]] = {}
    for e in equations:
        for letter, low, high in e.ranges:
            found.setdefault(
                letter.name, (Idx(letter.name), written(low, system), written(high, system))
            )
    return tuple(found.values())


def sections(adjoints: AdjointSystem, errors: tuple[str, ...]) -> tuple[Section, ...]:
    """One section for each quantity between the cost and the parameters, then the parameters."""
    teller = Teller(adjoints, errors)
    system = adjoints.system
    told: list[Section] = []
    for adjoint in adjoints.adjoints:
        q = adjoint.quantity
        if q.name == system.cost or q.role in ("input", "target", "constant"):
            continue
        told.append(section(teller, adjoint))
    return tuple(told)


def section(teller: Teller, adjoint: Adjoint) -> Section:
    """dJ/dv for one quantity, case by case."""
    q = adjoint.quantity
    node = teller.ref(q, adjoint.indices)
    about = {
        "node": node,
        "role": q.role,
        "cost": teller.cost,
        "error": teller.error(q, adjoint.indices),
    }
    items: list[Step | Prose] = []
    special = softmax.tell(teller, adjoint)
    if special is not None:
        return Section("adjoint", special, about)
    named = statement(teller.error(q, adjoint.indices), Deriv(teller.cost, node))
    if len(named.members) > 1:
        items.append(Step("name", (named,), topic="name adjoint", about=about))
    uses = [
        (c, solved(teller, adjoint, c))
        for c in adjoint.contributions
        if c.consumer.target != teller.system.cost
    ]
    free = independent(teller.system, uses)
    if free:
        items += [s for c in adjoint.contributions for s in local_steps(teller, adjoint, c)]
    for guard, expression in adjoint.cases:
        items += case_steps(teller, adjoint, (guard, expression), free)
    return Section("adjoint", tuple(items), about)


def results(adjoints: AdjointSystem, errors: tuple[str, ...]) -> tuple[Chain, ...]:
    """dJ/dw for every parameter, in final form."""
    teller = Teller(adjoints, errors)
    return tuple(
        statement(Deriv(teller.cost, node), value)
        for adjoint in adjoints.adjoints
        if adjoint.quantity.is_parameter
        for node, value in values_of(teller, adjoint)
    )


def values_of(teller: Teller, adjoint: Adjoint) -> list[tuple[Ref, Formula]]:
    """The adjoint, case by case: (entry, value)."""
    found = []
    for guard, expression in adjoint.cases:
        fixed = {letter: low for letter, low, high in guard if low == high}
        indices = tuple(i.xreplace(fixed) for i in adjoint.indices)
        value = final_form(teller, adjoint, put(expression, fixed), indices)
        found.append((teller.ref(adjoint.quantity, indices), value))
    return found

"""Sections 1 to 5 of the neuron view: result, symbols, forward pass, cost, what is needed."""

from __future__ import annotations

from symbackprop.derivation.algebra import contains, negative, plus, substitute, terms_of, times
from symbackprop.derivation.descent import descent
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.scale import scale
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import Add, Call, Chain, Deriv, Formula, Mul, Neg, Ref, Sym


def result(tale: Tale, output: Formula, hidden: Formula | None) -> Section:
    """What the reader will get: the two short forms. They are proved where they are derived."""
    w = tale.weights(tale.depth)[0]
    rows = [statement(tale.d_cost(w), output)]
    if hidden is not None:
        rows.append(statement(tale.d_cost(tale.weights(1)[0]), hidden))
    count = sum(1 for _ in tale.graph.with_role("weight", "bias", "parameter"))
    about = {"count": count, "cost": tale.cost, "functions": needed_functions(tale)}
    step = Step("result", tuple(rows), topic="result", about=about)
    return Section("result", (step, Prose("prerequisites", about)), about)


def needed_functions(tale: Tale) -> tuple[str, ...]:
    """The elementary functions whose derivatives the reader must know."""
    found: set[str] = set()
    for node in tale.graph.with_role("activation", "cost"):
        body = tale.equation(node)
        function = tale.function(node)
        if function is not None and not function.abstract:
            body = function.definition(tale.entrance(node))
        found |= {n.name for n in body.walk() if isinstance(n, Call)}
    return tuple(n for n in ("exp", "log", "tanh", "sin", "cos", "abs", "max") if n in found)


def forward(tale: Tale) -> Section:
    """Every pre-activation and activation, layer by layer."""
    items: list[Step] = []
    for layer in range(1, tale.depth + 1):
        zs = tale.nodes("pre-activation", layer)
        rows = [statement(z, tale.equation(z)) for z in zs]
        rows += [activation_statement(tale, tale.activation_of(z), z) for z in zs]
        items.append(
            Step(
                "definition",
                tuple(rows),
                topic="forward layer",
                about={
                    "layer": layer,
                    "depth": tale.depth,
                    "softmax": tale.is_softmax and layer == tale.depth,
                    "around": around(tale, zs[0]),
                },
            )
        )
    if tale.options.names_functions and not (tale.is_softmax and tale.depth == 1):
        items.append(composed(tale))
    functions = named_functions(tale)
    return Section("forward", tuple(items), {"depth": tale.depth, "functions": functions})


def around(tale: Tale, z: Ref) -> Ref | None:
    """The activation that is added to z on a path around the layers between, None without one."""
    r = tale.activation_of(z)
    if tale.graph.role(r) != "intermediate":
        return None
    return next(s for s in tale.graph.sources(r) if s != z)


def named_functions(tale: Tale) -> tuple[str, ...]:
    return tuple(f.name for f in tale.graph.system.functions)


def activation_statement(tale: Tale, a: Ref, z: Ref) -> Chain:
    """a = sigma(z) = 1/(1 + e^-z), as much of it as the notation writes."""
    body = tale.equation(a)
    function = tale.function(a)
    if function is None or function.abstract:
        return statement(a, body)
    written = function.definition(z)
    match tale.options.activation:
        case "written":
            return statement(a, written)
        case "both":
            return statement(a, body, written)
    return statement(a, body, written)


def composed(tale: Tale) -> Step:
    """a = f(w x + b): the pre-activation put into the activation."""
    rows = []
    for layer in range(1, tale.depth + (0 if tale.is_softmax else 1)):
        for z in tale.nodes("pre-activation", layer):
            a = tale.activation_of(z)
            body = tale.equation(a)
            rows.append(statement(a, body, substitute(body, {z: tale.equation(z)})))
    return Step("substitute", tuple(rows), topic="composed")


def cost(tale: Tale) -> Section:
    """The cost, and what is summed or averaged in it."""
    written = tale.equation(tale.cost)
    forms = [form for form in cost_forms(written) if form.formula != written]
    members: list[Formula | By] = [written, *forms]
    grouped = by_output(tale, written)
    if grouped is not None:
        members = [grouped, By("reorder", written)]
    about = tale.graph.system.about
    outputs = tale.outputs
    return Section(
        "cost",
        (
            Step(
                "definition",
                (statement(tale.cost, *members),),
                topic="cost",
                about={
                    "cost": about.cost,
                    "outputs": len(outputs),
                    "over_outputs": about.over_outputs,
                },
            ),
            Prose(
                "cost scale",
                {
                    "cost": about.cost,
                    "outputs": len(outputs),
                    "about": about,
                    **scale(tale.graph.system),
                },
            ),
        ),
        {"cost": about.cost},
    )


def by_output(tale: Tale, written: Formula) -> Formula | None:
    """-(A1 + B1 + A2 + B2) as -(A1 + B1) - (A2 + B2): one bracket for each output."""
    outputs = tale.outputs
    if len(outputs) < 2 or not (isinstance(written, Neg) and isinstance(written.body, Add)):
        return None
    groups = [plus(*(t for t in written.body.terms if contains(t, output))) for output in outputs]
    if any(not isinstance(group, Add) for group in groups):
        return None
    return Add(tuple(Neg(group) for group in groups))


def cost_forms(written: Formula) -> tuple[By, ...]:
    """Other ways to write the same cost: the sign multiplied in, or one sign before all terms."""
    forms: list[By] = []
    if isinstance(written, Neg) and isinstance(written.body, Add):
        forms.append(By("reorder", plus(*(negative(t) for t in written.body.terms))))
    terms = terms_of(written)
    if len(terms) > 1 and all(isinstance(t, Neg) for t in terms):
        minus = Neg(plus(*(t.body for t in terms if isinstance(t, Neg))))
        forms.append(By("reorder", minus))
    common = _common_number(terms)
    if common is not None:
        inner = plus(*(times(*_without(t, common)) for t in terms))
        forms.append(By("collect", times(common, inner)))
    return tuple(forms)


def _common_number(terms: tuple[Formula, ...]) -> Formula | None:
    if len(terms) < 2 or not all(isinstance(t, Mul) for t in terms):
        return None
    firsts = {t.factors[0] for t in terms if isinstance(t, Mul)}
    only = next(iter(firsts))
    return only if len(firsts) == 1 and not any(isinstance(n, Ref) for n in only.walk()) else None


def _without(term: Formula, factor: Formula) -> tuple[Formula, ...]:
    assert isinstance(term, Mul)
    return tuple(f for f in term.factors if f != factor)


def need(tale: Tale) -> Section:
    """Gradient descent, and the chain rule over all paths with its condition."""
    first = tale.weights(1)[0]
    step = Step(
        "update",
        (descent(first, tale.d_cost(first)),),
        topic="need",
        about={"count": len(tale.graph.with_role("weight", "bias", "parameter"))},
    )
    z = tale.receiver(tale.weights(tale.depth)[0])
    u, *through = (Sym("u"), Sym("v", ("1",)), Sym("v", ("2",)))
    about = {
        "z": z,
        "a": tale.activation_of(z),
        "cost": tale.cost,
        "u": u,
        "through": tuple(through),
        "two": plus(*(times(Deriv(tale.cost, v), Deriv(v, u)) for v in through)),
    }
    return Section("need", (step, Prose("chain rule", about)), about)

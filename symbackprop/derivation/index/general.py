"""The index view of any system: one section a quantity, latest first, from the record of the sweep.

For every quantity v:  dJ/dv = sum over the equations u that contain v of dJ/du du/dv. Shared weights
give sums over time or samples, shifted indices (h[t-1]) give cases, a softmax its Jacobian.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, AdjointSystem, Contribution, Range
from symbackprop.calculus.textbook import slope_of_equation
from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import apart, plus, same, times
from symbackprop.derivation.index import softmax
from symbackprop.derivation.index.independence import independent
from symbackprop.derivation.scale import scale
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import Chain, Deriv, Formula, Idx, Neg, Ref, Sum
from symbackprop.notation.slots import rate_name
from symbackprop.system.model import ADJOINT, Equation, Quantity, System

Case = tuple[tuple[Range, ...], sp.Expr]


class Teller:
    """Writes the adjoints of one system."""

    def __init__(self, adjoints: AdjointSystem, errors: tuple[str, ...]) -> None:
        self.adjoints = adjoints
        self.system: System = adjoints.system
        self.errors = errors
        self.cost = Ref(self.system.cost)

    def write(self, expr: sp.Expr) -> Formula:
        """A formula in which adjoints without a name of their own are derivatives of the cost."""
        return written(expr, self.system).rewrite(self._named)

    def _named(self, node: Formula) -> Formula | None:
        if isinstance(node, Ref) and node.name.startswith(ADJOINT):
            name = node.name.removeprefix(ADJOINT)
            plain = Ref(name, node.indices)
            return None if self.system[name].role in self.errors else Deriv(self.cost, plain)
        return None

    def ref(self, quantity: Quantity, indices: tuple[sp.Expr, ...]) -> Ref:
        return Ref(quantity.name, tuple(written(i, self.system) for i in indices))

    def error(self, quantity: Quantity, indices: tuple[sp.Expr, ...]) -> Formula:
        node = self.ref(quantity, indices)
        if quantity.role in self.errors:
            return Ref(ADJOINT + node.name, node.indices)
        return Deriv(self.cost, node)


def forward(system: System) -> Section:
    """Every equation of the system, as it stands; that of the cost only if there is no other."""
    before = [e for e in system.equations if e.target != system.cost]
    rows = [
        statement(written(e.lhs, system), written(e.rhs, system))
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


# --- local derivatives ---------------------------------------------------------------------------


def solved(teller: Teller, adjoint: Adjoint, c: Contribution) -> dict[sp.Expr, sp.Expr]:
    """Letters of the consumer that only tell layer, sample or time, as v's letters determine them.

    `z[s]` uses `h[s-1]`: at `h[t]` the consumer's letter s is t + 1.
    """
    consumer = teller.system[c.consumer.target]
    own = set(adjoint.indices)
    kept = {letter for letter, _, _ in c.remaining}
    values: dict[sp.Expr, sp.Expr] = {}
    for axis, letter in zip(consumer.axes, c.consumer.indices, strict=True):
        if axis.kind == "unit" or letter in kept or not isinstance(letter, sp.Symbol):
            continue
        for delta in c.local.atoms(sp.KroneckerDelta):
            left, right = delta.args
            if letter in left.free_symbols ^ right.free_symbols:
                solution = sp.solve(left - right, letter)
                if solution and solution[0].free_symbols <= own | set(teller.system.sizes):
                    values[letter] = solution[0]
                    break
    return values


def picked(expr: sp.Expr) -> sp.Expr:
    """Sums whose letter stands in a bracket take that one term; other brackets stay."""
    if isinstance(expr, sp.Add | sp.Mul):
        return expr.func(*(picked(arg) for arg in expr.args))
    if not isinstance(expr, sp.Sum):
        return expr
    body = picked(expr.function)
    limits = list(expr.limits)
    for limit in expr.limits:
        letter = limit[0]
        for delta in body.atoms(sp.KroneckerDelta):
            left, right = delta.args
            other = right if left == letter else left if right == letter else None
            if other is not None:
                body = body.xreplace({letter: other})
                limits.remove(limit)
                break
    return sp.Sum(body, *limits) if limits else body


def local_steps(teller: Teller, adjoint: Adjoint, c: Contribution) -> list[Step]:
    """du/dv across one equation: differentiate, then the bracket picks."""
    system = teller.system
    values = solved(teller, adjoint, c)
    consumer = system[c.consumer.target]
    u = tuple(i.xreplace(values) for i in c.consumer.indices)
    node = teller.ref(adjoint.quantity, adjoint.indices)
    target = teller.ref(consumer, u)
    body = c.consumer.rhs.xreplace(values)
    if consumer.name == system.cost:
        return []
    slope = slope_of_equation(system, c.consumer)
    operand = apart(teller.write(body), (node, target))
    members: list[Formula | By] = [Deriv(target, node), Deriv(operand, node, operator=True)]
    if slope is not None:
        deltas = c.local.atoms(sp.KroneckerDelta)
        raw = _written_slope(c)
        if raw is not None:
            members.append(teller.write(sp.Mul(raw, *deltas).xreplace(values)))
        value = teller.write(sp.Mul(slope, *deltas).xreplace(values))
        members.append(value if raw is None else By("definition", value))
    else:
        local = c.local.xreplace(values)
        members.append(teller.write(local))
        after = picked(local)
        if after != local:
            members.append(By("bracket picks", teller.write(after)))
    about = {"node": node, "user": target}
    return [Step("local derivative", (statement(*members),), topic="adjoint local", about=about)]


def _written_slope(c: Contribution) -> sp.Expr | None:
    """The slope before the activation's own value is put in: 1 - tanh(z)^2, not yet 1 - h^2."""
    if not isinstance(c.consumer.rhs, sp.tanh):
        return None
    return 1 - c.consumer.rhs**2


# --- the chain rule, case by case --------------------------------------------------------------------


def case_steps(teller: Teller, adjoint: Adjoint, case: Case, free: bool) -> list[Step]:
    """The chain rule for one case. `free`: no user influences another; else each use counts by itself."""
    guard, expression = case
    system = teller.system
    q = adjoint.quantity
    fixed = {letter: low for letter, low, high in guard if low == high}
    indices = tuple(i.xreplace(fixed) for i in adjoint.indices)
    node = teller.ref(q, indices)
    paths: list[Formula] = []
    named: list[Formula] = []
    put: list[Formula] = []
    cut: list[Formula] = []
    direct: list[Formula] = []
    for c in adjoint.contributions:
        if not _overlaps(c, guard):
            continue
        values = {**solved(teller, adjoint, c)}
        consumer = system[c.consumer.target]
        if consumer.name == system.cost:
            contribution = teller.write(c.contracted.xreplace(fixed))
            direct.append(contribution)
            paths.append(contribution)
            named.append(contribution)
            put.append(contribution)
            continue
        u = tuple(i.xreplace(values).xreplace(fixed) for i in c.consumer.indices)
        target = teller.ref(consumer, u)
        cut.append(target)
        left = [r for r in c.summed if r[0] not in values]
        local = _final_local(teller, c, values).xreplace(fixed)

        def over(body: Formula, free: list[Range] = left) -> Formula:
            for letter, low, high in free:
                body = Sum(
                    body,
                    Idx(letter.name),
                    written(low.xreplace(fixed), system),
                    written(high.xreplace(fixed), system),
                )
            return body

        link = Deriv(target, node)
        paths.append(over(times(Deriv(teller.cost, target), link)))
        named.append(over(times(teller.error(consumer, u), link)))
        put.append(over(times(teller.error(consumer, u), teller.write(local))))
    start: list[Formula | By] = [teller.error(q, indices), By("name", Deriv(teller.cost, node))]
    final = _final(teller, adjoint, expression.xreplace(fixed), indices)
    about = {
        "node": node,
        "cut": tuple(cut),
        "direct": bool(direct),
        "single": len(adjoint.cases) == 1,
        "guard": tuple(
            (Idx(letter.name), written(low, system), written(high, system))
            for letter, low, high in guard
            if low != high
        ),
        "fixed": tuple(
            (Idx(letter.name), written(value, system)) for letter, value in fixed.items()
        ),
    }
    if not cut:
        (equation,) = system.equations_of[system.cost]
        whole = Deriv(apart(written(equation.rhs, system), (node,)), node, operator=True)
        return [
            Step(
                "local derivative",
                (statement(*start, whole, final),),
                topic="adjoint of output",
                about=about,
            )
        ]
    if any(_overlaps(c, guard) and not _covers(c, guard) for c in adjoint.contributions):
        # Some equation uses the entry in a part of the range only; the result says in which.
        return [Step("chain rule", (statement(*start, final),), topic="adjoint parts", about=about)]
    if not free:
        # d user / d v would count the detour through the other users too, so it is not written.
        members = [*start, By("copies", plus(*put))]
        if not same(plus(*put), final):
            members.append(By("bracket picks", final))
        return [Step("chain rule", (statement(*members),), topic="adjoint uses", about=about)]
    members = [*start, plus(*paths), By("name", plus(*named)), By("substitute", plus(*put))]
    if not same(plus(*put), final):
        members.append(By("bracket picks", final))
    return [Step("chain rule", (statement(*members),), topic="adjoint case", about=about)]


def _final(
    teller: Teller, adjoint: Adjoint, expression: sp.Expr, indices: tuple[sp.Expr, ...]
) -> Formula:
    """The case's result; through an activation the slope is written by its value (1 - h^2)."""
    if len(adjoint.contributions) == 1:
        (c,) = adjoint.contributions
        slope = slope_of_equation(teller.system, c.consumer)
        letters = dict(zip(c.consumer.indices, indices, strict=False))
        if slope is not None and len(letters) == len(indices):
            error = teller.error(teller.system[c.consumer.target], indices)
            return times(error, teller.write(slope.xreplace(letters)))
    return teller.write(expression)


def _final_local(teller: Teller, c: Contribution, values: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    slope = slope_of_equation(teller.system, c.consumer)
    if slope is not None:
        return sp.Mul(slope, *c.local.atoms(sp.KroneckerDelta)).xreplace(dict(values))
    return picked(c.local.xreplace(dict(values)))


def _overlaps(c: Contribution, guard: tuple[Range, ...]) -> bool:
    """Whether the contribution exists on the case; cases are cut so that it does everywhere or nowhere."""
    mine = {letter: (low, high) for letter, low, high in c.guard}
    for letter, low, high in guard:
        lower, upper = mine.get(letter, (low, high))
        # Ranges are compared for large sizes: every symbolic size counts as more than any number.
        if _negative(high - lower) or _negative(upper - low):
            return False
    return True


def _covers(c: Contribution, guard: tuple[Range, ...]) -> bool:
    """Whether the contribution exists on all of the case."""
    mine = {letter: (low, high) for letter, low, high in c.guard}
    for letter, low, high in guard:
        lower, upper = mine.get(letter, (low, high))
        if _negative(low - lower) or _negative(upper - high):
            return False
    return True


def _negative(difference: sp.Expr) -> bool:
    big = {s: sp.Integer(10**6) for s in difference.free_symbols}
    value = difference.xreplace(big)
    return bool(value.is_negative)


def results(adjoints: AdjointSystem, errors: tuple[str, ...]) -> tuple[Chain, ...]:
    """dJ/dw for every parameter, in final form."""
    teller = Teller(adjoints, errors)
    return tuple(
        statement(Deriv(teller.cost, node), value)
        for adjoint in adjoints.adjoints
        if adjoint.quantity.is_parameter
        for node, value in _values(teller, adjoint)
    )


def _values(teller: Teller, adjoint: Adjoint) -> list[tuple[Ref, Formula]]:
    """The adjoint, case by case: (entry, value)."""
    found = []
    for guard, expression in adjoint.cases:
        fixed = {letter: low for letter, low, high in guard if low == high}
        indices = tuple(i.xreplace(fixed) for i in adjoint.indices)
        value = _final(teller, adjoint, expression.xreplace(fixed), indices)
        found.append((teller.ref(adjoint.quantity, indices), value))
    return found


def algorithm(adjoints: AdjointSystem, errors: tuple[str, ...]) -> Section:
    """Forward, derivatives from the cost backwards, updates last."""
    teller = Teller(adjoints, errors)
    system = adjoints.system
    eta = Ref(rate_name(system))
    inner: list[Chain] = []
    found: list[Chain] = []
    updates: list[Chain] = []
    for adjoint in adjoints.adjoints:
        q = adjoint.quantity
        if q.name == system.cost or q.role in ("input", "target", "constant"):
            continue
        told = softmax.result(teller, adjoint)
        pairs = [told] if told is not None else _values(teller, adjoint)
        for node, value in pairs:
            left = Deriv(teller.cost, node)
            if q.role in errors:
                inner.append(statement(Ref(ADJOINT + node.name, node.indices), value))
            elif not q.is_parameter:
                inner.append(statement(left, value))
            else:
                found.append(statement(left, value))
                step = plus(node, Neg(times(eta, value)))
                plain = plus(node, Neg(times(eta, left)))
                updates.append(Chain((node, plain, step), ("<-", "="), ("update", "substitute")))
    return Section(
        "algorithm",
        (
            Prose("algorithm forward", {}),
            Prose("algorithm errors", {}),
            Step("result", tuple(inner or found), topic="algorithm backwards", about={}),
            Prose("algorithm update", {}),
            Step("update", tuple(updates), topic="algorithm updates", about={}),
        ),
        {},
    )

"""Writes the adjoints of a system: entries, errors by their names, local derivatives of equations."""

from __future__ import annotations

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, AdjointSystem, Contribution
from symbackprop.calculus.textbook import slope_of_equation
from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import apart
from symbackprop.derivation.steps import By, Step, statement
from symbackprop.formula.tree import Deriv, Formula, Ref, Sum
from symbackprop.system.model import ADJOINT, Quantity, System


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
        raw = written_slope(c)
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
    sums = any(isinstance(n, Sum) for n in operand.walk())
    about = {"node": node, "user": target, "sums": sums}
    return [Step("local derivative", (statement(*members),), topic="adjoint local", about=about)]


def written_slope(c: Contribution) -> sp.Expr | None:
    """The slope before the activation's own value is put in: 1 - tanh(z)^2, not yet 1 - h^2."""
    if not isinstance(c.consumer.rhs, sp.tanh):
        return None
    return 1 - c.consumer.rhs**2

"""Lowering: a System and its adjoint System become one Program.

sizes put in, layers written out  ->  samples added  ->  logs of saturating values unfolded
->  reverse sweep  ->  slopes in terms of values that are there, stable primitives
->  what nobody needs left out  ->  order, loops for recurrences
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.calculus.letters import put
from symbackprop.calculus.sweep import ranges_of_equation, sweep
from symbackprop.calculus.textbook import VALUE, slope_in_value
from symbackprop.errors import SpecError, UnsupportedForm, printable
from symbackprop.export.exponentials import Exponentials
from symbackprop.export.instantiate import instantiate
from symbackprop.export.plain import plain
from symbackprop.export.program import Array, Program, Statement
from symbackprop.export.samples import with_samples
from symbackprop.export.schedule import needed, schedule
from symbackprop.export.stable import (
    LOGISTIC,
    SOFTPLUS,
    bottom_up,
    inline_call,
    is_call,
    rectified,
    saturating,
    unfold_logs,
)
from symbackprop.numeric.values import example_sizes, open_sizes
from symbackprop.system.model import ADJOINT, Equation, Function, Quantity, System, entry

WEIGHT_ORDERS = ("receiver-first", "sender-first")


def lower(
    system: System,
    sizes: Mapping[str, Any] | None = None,
    weights: str = "receiver-first",
    by_inputs: bool = False,
    notes: bool = True,
) -> Program:
    """The program that computes the cost and its gradient by all parameters (and by the inputs).

    `notes`: whether statements carry their equation as text.

    Raises UnsupportedForm for a system with no array form, SpecError for a missing size.
    """
    if weights not in WEIGHT_ORDERS:
        raise SpecError(
            f"unknown order of weights '{printable(weights)}'",
            hint=f"one of {', '.join(WEIGHT_ORDERS)}",
        )
    fixed = fixed_sizes(system, sizes or {})
    concrete, families = instantiate(system, fixed)
    batched = with_samples(concrete)
    computed = unfolded(batched)
    rules, arrays = _Lowering(computed, batched, notes).run()
    arrays = {
        name: replace(a, stored=(1, 0)) if _flipped(batched, name, weights) else a
        for name, a in arrays.items()
    }
    gradients = [ADJOINT + p.name for p in batched.parameters]
    of_inputs = [ADJOINT + q.name for q in batched.inputs]
    return Program(
        system,
        batched,
        arrays,
        schedule(_part(rules, [batched.cost])),
        schedule(_part(rules, gradients, [batched.cost])),
        schedule(_part(rules, [*gradients, *of_inputs], [batched.cost])) if by_inputs else (),
        constants(batched),
        runtime_sizes(batched),
        weights == "sender-first",
        families,
    )


def fixed_sizes(system: System, sizes: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers for every size that a parameter has; the others are told by the inputs' shapes."""
    told = _told_by_inputs(system) - _sizes_of_parameters(system)
    plain_sizes, families = open_sizes(system)
    found = example_sizes(system, sizes)
    return {
        name: value
        for name, value in found.items()
        if name not in told and (name in plain_sizes or name in families)
    }


def _told_by_inputs(system: System) -> set[str]:
    names = set()
    for q in (*system.inputs, *system.targets):
        for axis in q.axes:
            if isinstance(axis.upper, sp.Symbol) and axis.lower == 1:
                names.add(axis.upper.name)
    return names


def _sizes_of_parameters(system: System) -> set[str]:
    names = set()
    for q in system.parameters:
        for axis in q.axes:
            names |= {s.name for b in (axis.lower, axis.upper) for s in b.atoms(sp.Symbol)}
    for q in system.quantities:
        names |= {
            s.name for axis in q.axes if axis.kind == "layer" for s in axis.upper.atoms(sp.Symbol)
        }
    return names


def runtime_sizes(batched: System) -> tuple[tuple[str, str, int], ...]:
    """(size, input or target, axis) for every symbolic size of the batched system."""
    found: dict[str, tuple[str, str, int]] = {}
    for q in (*batched.inputs, *batched.targets):
        for place, axis in enumerate(q.axes):
            if isinstance(axis.upper, sp.Symbol) and axis.lower == 1:
                found.setdefault(axis.upper.name, (axis.upper.name, q.name, place))
    for q in batched.quantities:
        for axis in q.axes:
            for symbol in axis.count.free_symbols:
                if isinstance(symbol, sp.Symbol) and symbol.name not in found:
                    raise UnsupportedForm(
                        f"the size {printable(symbol.name)} of {printable(q.name)} is told"
                        " by no input",
                        hint="give it a number",
                    )
    return tuple(found.values())


def constants(system: System) -> dict[str, float]:
    """The numbers of the constants. Raises SpecError where one has none."""
    found = {}
    for q in system.quantities:
        if q.role != "constant":
            continue
        if q.name not in system.values:
            raise SpecError(
                f"the constant {printable(q.name)} has no value", hint="give it one in the spec"
            )
        found[q.name] = float(system.values[q.name])
    return found


def _flipped(system: System, name: str, weights: str) -> bool:
    if weights != "sender-first":
        return False
    q = system.by_name.get(name.removeprefix(ADJOINT))
    return q is not None and q.role == "weight" and len(q.axes) == 2


def unfolded(system: System) -> System:
    """The same system with log(a) written in terms of what a is the logistic or softmax of."""
    equations = tuple(replace(e, rhs=unfold_logs(system, e.rhs)) for e in system.equations)
    return system if equations == system.equations else replace(system, equations=equations)


def _part(
    rules: Sequence[Statement], names: Sequence[str], done: Sequence[str] = ()
) -> list[Statement]:
    """What the named quantities need, beyond what those that are done needed."""
    before = needed(rules, done)
    return [rules[i] for i in sorted(needed(rules, names) - before)]


class _Lowering:
    """Statements of the forward pass and of the adjoints, rewritten for computing."""

    def __init__(self, system: System, given: System, notes: bool) -> None:
        self.system = system
        self.notes = notes
        self.given = given
        self.adjoints = sweep(system)
        self.slopes: dict[str, tuple[sp.Symbol, sp.Expr]] = {}
        self.named: dict[str, list[tuple[Equation, sp.Expr]]] = {}
        for e in system.equations:
            call = e.rhs
            if (
                isinstance(call, sp.Function)
                and len(call.args) == 1
                and isinstance(call.args[0], sp.Indexed | sp.Symbol)
                and all(isinstance(i, sp.Symbol) for i in e.indices)
            ):
                self.named.setdefault(call.func.__name__, []).append((e, call.args[0]))

    def run(self) -> tuple[list[Statement], dict[str, Array]]:
        system = self.system
        rules = [
            self._forward(e, given)
            for e, given in zip(system.equations, self.given.equations, strict=True)
        ]
        arrays = {q.name: _array(q, q.role) for q in system.quantities}
        backward: list[Statement] = []
        for a in self.adjoints.adjoints:
            name = ADJOINT + a.quantity.name
            arrays[name] = _array(a.quantity, "adjoint")
            if a.quantity.name == system.cost:
                continue
            for guard, expr in a.cases:
                backward.append(Statement(name, a.indices, guard, expr))
        backward = _without_constants(_without_zeros(backward), self.system)
        rules += [replace(r, rhs=split_sums(self._slopes(r.rhs))) for r in backward]
        taken = set(arrays) | {s.name for s in system.sizes}
        rules, new = Exponentials(taken).run(rules)
        return [_noted(r) for r in rules] if self.notes else rules, {**arrays, **new}

    def _forward(self, e: Equation, given: Equation) -> Statement:
        note = f"{_lhs(e.target, e.indices)} = {plain(given.rhs)}" if self.notes else ""
        ranges = ranges_of_equation(self.system, e)
        return Statement(e.target, e.indices, ranges, split_sums(self._formulas(e.rhs)), note)

    def _formulas(self, expr: sp.Expr) -> sp.Expr:
        """Functions of the system by their formulas, saturating ones by primitives."""

        def inline(node: sp.Expr) -> sp.Expr:
            if not isinstance(node, sp.Function):
                return node
            done = inline_call(self.system, node)
            primitive = node.func.__name__ in (LOGISTIC, SOFTPLUS)
            if done == node and isinstance(node, AppliedUndef) and not primitive:
                raise UnsupportedForm(
                    f"the function {printable(node.func.__name__)} is abstract: it has no code",
                    hint="name a concrete activation",
                )
            return done

        return saturating(rectified(bottom_up(expr, inline)))

    # --- slopes ------------------------------------------------------------------------------

    def _slopes(self, expr: sp.Expr) -> sp.Expr:
        """f'(z), and f(z), in terms of the value a = f(z) where the system names it."""

        def change(node: sp.Expr) -> sp.Expr:
            if not isinstance(node, sp.Function) or len(node.args) != 1:
                return node
            name, u = node.func.__name__, node.args[0]
            stem = name.rstrip("'")
            if len(name) - len(stem) == 1:
                return self._slope(stem, u)
            if name.endswith("'"):
                raise UnsupportedForm("a second derivative in the equations has no code")
            value = self._value(name, u)
            return node if value is None else value

        return self._named_logistic(self._formulas(bottom_up(expr, change)))

    def _value(self, name: str, u: sp.Expr) -> sp.Expr | None:
        """The entry a[...] that equals name(u), if the system has one."""
        for e, argument in self.named.get(name, ()):
            if argument == u and isinstance(u, sp.Symbol):
                return e.lhs
            if not (isinstance(argument, sp.Indexed) and isinstance(u, sp.Indexed)):
                continue
            if argument.base != u.base or len(argument.indices) != len(u.indices):
                continue
            where: dict[sp.Expr, sp.Expr] = {}
            fits = True
            for p, actual in zip(argument.indices, u.indices, strict=True):
                expected = where.setdefault(p, actual) if p in e.indices else p
                fits = fits and expected == actual
            if fits and set(e.indices) <= set(where):
                return entry(e.target, *(where[i] for i in e.indices))
        return None

    def _slope(self, name: str, u: sp.Expr) -> sp.Expr:
        function = self.system.function_by_name.get(name)
        if function is None or function.expression is None:
            raise UnsupportedForm(
                f"the function {printable(name)} is abstract: its slope has no code",
                hint="name a concrete activation",
            )
        value = self._value(name, u)
        argument = sp.Symbol("u_", real=True)
        if name not in self.slopes:
            found = slope_in_value(function, VALUE, argument)
            if found is None:
                found = saturating(_derivative(function, argument))
                found = _in_logistic(found)
            self.slopes[name] = (argument, _by_sign_of_value(function, found, argument))
        _, slope = self.slopes[name]
        if VALUE in slope.free_symbols:
            if value is None:
                value = self._formulas(self.system.function_by_name[name](u))
            slope = put(slope, {VALUE: value})
        return put(slope, {argument: u})

    def _named_logistic(self, expr: sp.Expr) -> sp.Expr:
        """logistic(u) by the entry that holds it."""

        def change(node: sp.Expr) -> sp.Expr:
            if not is_call(node, LOGISTIC):
                return node
            for name in self.named:
                function = self.system.function_by_name.get(name)
                if function is None or function.expression is None:
                    continue
                if is_call(saturating(function.expression), LOGISTIC):
                    value = self._value(name, node.args[0])
                    if value is not None:
                        return value
            return node

        return bottom_up(expr, change)


def split_sums(expr: sp.Expr) -> sp.Expr:
    """sum(p + q) = sum(p) + sum(q), and a number times a sum of terms multiplied out."""

    def change(node: sp.Expr) -> sp.Expr:
        if isinstance(node, sp.Sum) and node.function.is_Add:
            return sp.Add(*(change(sp.Sum(t, *node.limits)) for t in node.function.args))
        if isinstance(node, sp.Sum):
            coefficient, rest = node.function.as_coeff_Mul()
            if coefficient != 1 and not rest.is_Add:
                return sp.Mul(coefficient, sp.Sum(rest, *node.limits))
        if node.is_Mul and any(a.is_Add and a.has(sp.Sum) for a in node.args):
            number, rest = node.as_coeff_Mul()
            if rest.is_Add:
                return sp.Add(*(number * t for t in rest.args))
        return node

    return bottom_up(expr, change) if expr.has(sp.Sum) else expr


def _noted(rule: Statement) -> Statement:
    """The note of an adjoint is its equation as computed; of a new quantity likewise."""
    if rule.note and not rule.target.startswith(ADJOINT):
        return rule
    return replace(rule, note=f"{_lhs(rule.target, rule.indices)} = {plain(rule.rhs)}")


def _derivative(function: Function, argument: sp.Expr) -> sp.Expr:
    from symbackprop.calculus.differentiate import prime

    first = prime(function)
    assert first.expression is not None
    return put(first.expression, {function.variable: argument})


def _in_logistic(expr: sp.Expr) -> sp.Expr:
    """Leave as it is unless multiplying out removes an exponential beside a logistic."""
    if not (expr.has(sp.exp) and any(is_call(f, LOGISTIC) for f in expr.atoms(sp.Function))):
        return expr
    return bottom_up(sp.expand(expr), lambda e: saturating(e) if e.is_Mul else e)


def _by_sign_of_value(function: Function, slope: sp.Expr, argument: sp.Expr) -> sp.Expr:
    """For a = max(z, 0): z > 0 says the same as a > 0, and z is then no longer needed."""
    if isinstance(function.expression, sp.Piecewise):
        plain_form = rectified(function.expression)
        if plain_form == sp.Max(function.variable, 0):
            return slope.xreplace({argument: VALUE})
    return slope


def _array(q: Quantity, role: str) -> Array:
    return Array(
        q.name if role != "adjoint" else ADJOINT + q.name,
        tuple((axis.lower, axis.upper) for axis in q.axes),
        role,
    )


def _without_zeros(rules: list[Statement]) -> list[Statement]:
    """Adjoints that are 0 everywhere vanish from the others."""
    zero = {r.target for r in rules} - {r.target for r in rules if r.rhs != 0}
    while zero:
        changed = []
        for r in rules:
            if r.target in zero:
                # A parameter without influence still has a gradient, of zeros.
                changed.append(replace(r, rhs=sp.S.Zero))
                continue
            gone = {
                a: sp.S.Zero
                for a in (*r.rhs.atoms(sp.Indexed), *r.rhs.atoms(sp.Symbol))
                if (str(a.base.label) if isinstance(a, sp.Indexed) else a.name) in zero
            }
            changed.append(replace(r, rhs=_vanished(r.rhs, gone)) if gone else r)
        rules = changed
        now = {r.target for r in rules} - {r.target for r in rules if r.rhs != 0}
        if now == zero:
            break
        zero = now
    return rules


def _without_constants(rules: list[Statement], system: System) -> list[Statement]:
    """Adjoints that are one number everywhere are put into the others as that number."""
    cases: dict[str, list[Statement]] = {}
    for r in rules:
        cases.setdefault(r.target, []).append(r)
    parameters = {ADJOINT + q.name for q in (*system.parameters, *system.inputs)}
    numbers = {
        name: rs[0].rhs
        for name, rs in cases.items()
        if len(rs) == 1 and rs[0].rhs.is_Number and name not in parameters
    }
    if not numbers:
        return rules
    changed = []
    for r in rules:
        where = {
            a: numbers[name]
            for a in (*r.rhs.atoms(sp.Indexed), *r.rhs.atoms(sp.Symbol))
            if (name := str(a.base.label) if isinstance(a, sp.Indexed) else a.name) in numbers
        }
        changed.append(replace(r, rhs=r.rhs.xreplace(where)) if where else r)
    return changed


def _vanished(expr: sp.Expr, gone: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    def change(node: sp.Expr) -> sp.Expr:
        if node in gone:
            return sp.S.Zero
        if isinstance(node, sp.Sum) and node.function == 0:
            return sp.S.Zero
        return node

    return bottom_up(expr, change)


def _lhs(name: str, indices: tuple[sp.Expr, ...]) -> str:
    return f"{name}[{','.join(plain(i) for i in indices)}]" if indices else name

"""The raw form of a spec: axes, quantities and equations become a System.

Only given quantities are declared; a quantity that an equation defines takes its axes from the left
side and its role from how it is used (a declaration may say more).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.specs.file import Problems
from symbackprop.networks.specs.given_values import values_of
from symbackprop.networks.specs.raw_axes import Letters, read_letters, read_quantities
from symbackprop.networks.specs.raw_functions import (
    default_value,
    known_functions,
    read_functions,
    used_functions,
)
from symbackprop.system.checks import findings, partial_findings
from symbackprop.system.findings import Finding
from symbackprop.system.infer import in_computing_order, infer_facts, infer_roles
from symbackprop.system.left_side import Defined, defined_quantities, left_sides
from symbackprop.system.lexer import SyntaxProblem
from symbackprop.system.model import (
    Description,
    Equation,
    Function,
    Quantity,
    System,
)
from symbackprop.system.syntax import Parsed, parse_equation
from symbackprop.system.translate import Scope, Translator, readable


@dataclass(frozen=True)
class _Parts:
    """The fields of a System that is not yet known to be well formed."""

    name: str
    quantities: tuple[Quantity, ...]
    equations: tuple[Equation, ...]
    cost: str
    functions: tuple[Function, ...]
    sizes: tuple[sp.Symbol, ...]
    values: Mapping[str, Any]
    about: Description


def raw_system(checked: Any, name: str, problems: Problems) -> System:
    """Raises what `problems` holds: all mistakes of the file together."""
    letters = read_letters(checked, problems)
    given = read_quantities(checked, letters, problems)
    functions = read_functions(checked, problems)
    parsed = _parse(checked, problems)
    scope, defined = _scope(given, letters, functions, parsed, problems)
    equations, unsound = _translate(parsed, scope, defined, problems)
    quantities = defined_quantities(checked.system.cost, given, defined, equations, letters.kinds)
    if checked.system.cost not in {q.name for q in quantities}:
        known = [q.name for q in quantities]
        problems.unknown(("system", "cost"), "quantity", checked.system.cost, known)
    quantities = infer_roles(quantities, equations, checked.system.cost)
    used, constants = used_functions(equations, functions, {q.name for q in quantities})
    quantities = infer_facts((*quantities, *constants.values()), equations, used)
    values = values_of(checked, {q.name: q for q in quantities}, problems)
    for constant in constants:
        values.setdefault(constant, default_value(constant))
    parts: dict[str, Any] = {
        "name": name,
        "quantities": quantities,
        "equations": in_computing_order(equations),
        "cost": checked.system.cost,
        "functions": used,
        "sizes": letters.sizes,
        "values": values,
        "about": Description(kind="system", title=name),
    }
    if problems.errors:
        # Only what is sound is checked further: one mistake is reported once.
        _report(partial_findings(_Parts(**parts), unsound), equations, problems)
    else:
        _report(findings(_Parts(**parts)), equations, problems)
        _unused(given, equations, problems)
        _leads_nowhere(checked.system.cost, parsed, equations, problems)
    problems.stop()
    return System(**parts)


def _parse(checked: Any, problems: Problems) -> dict[int, Parsed]:
    """Each equation's tree; of one with a mistake only the left side (`right` is then None)."""
    found: dict[int, Parsed] = {}
    for number, text in enumerate(checked.system.equations):
        try:
            found[number] = parse_equation(text)
        except SyntaxProblem as problem:
            path = ("system", "equations", number)
            problems.inside(path, problem.start, problem.end, problem.message, problem.hint)
            left = text.partition("=")[0]
            with suppress(SyntaxProblem):
                found[number] = Parsed(parse_equation(f"{left}= 0").left, None, text)
    if not checked.system.equations:
        problems.at(("system", "equations"), "there are no equations")
    return found


def _scope(
    given: Mapping[str, Quantity],
    letters: Letters,
    functions: Mapping[str, Function],
    parsed: Mapping[int, Parsed],
    problems: Problems,
) -> tuple[Scope, dict[int, Defined]]:
    arities = {name: len(q.axes) for name, q in given.items()}
    sizes = frozenset(s.name for s in letters.sizes)
    scope = Scope(letters.bounds, sizes, letters.widths, arities, known_functions(functions))
    defined: dict[int, Defined] = {}
    for number, equation in parsed.items():
        path = ("system", "equations", number)
        left = equation.left
        wrong = readable(left.name)
        if left.name in letters.bounds:
            wrong = f"'{left.name}' is an index letter"
        elif left.name in sizes or left.name in letters.widths:
            wrong = f"'{left.name}' is a size"
        count = len(left.indices or ())
        if arities.setdefault(left.name, count) != count and not wrong:
            wrong = f"'{left.name}' has {arities[left.name]} indices elsewhere, and {count} here"
        if wrong:
            problems.inside(path, left.start, left.start + len(left.name), wrong)
            continue
        defined[number] = Defined(left, path)
    return scope, defined


def _translate(
    parsed: Mapping[int, Parsed],
    scope: Scope,
    defined: dict[int, Defined],
    problems: Problems,
) -> tuple[tuple[Equation, ...], frozenset[str]]:
    """(equations, labels of those whose right side has mistakes)."""
    equations = []
    unsound = set()
    for number, left in left_sides(defined, scope, problems.inside).items():
        text = " ".join(parsed[number].text.split())
        translator = Translator(scope, {x.name: (lo, up) for x, lo, up in left.ranges})
        right = parsed[number].right
        rhs = sp.Integer(0) if right is None else translator.expression(right)
        said: set[str] = set()
        for p in translator.problems:
            if p.message not in said:
                problems.inside(("system", "equations", number), p.start, p.end, p.message, p.hint)
            said.add(p.message)
        if said or right is None:
            unsound.add(text)
        rhs = rhs.xreplace(left.shifts) if left.shifts else rhs
        equations.append(Equation(left.name, left.indices, rhs, left.ranges, text))
    return tuple(equations), frozenset(unsound)


def _report(found: list[Finding], written: tuple[Equation, ...], problems: Problems) -> None:
    """What the checks of System find, at the equation or quantity it is about."""
    texts = [e.label for e in written]
    for f in found:
        path: tuple[Any, ...] = ("system",)
        if f.equation is not None:
            path = ("system", "equations", texts.index(f.equation.label))
            at = _word(f.name, f.equation.label)
            spot = problems.source.spots.get(path)
            if at is not None and spot is not None:
                source = problems.source.text
                if source.startswith(f.equation.label, spot.text):
                    problems.inside(path, at, at + len(f.name), f.message, f.hint)
                    continue
        elif f.quantity:
            path = ("values" if f.of_value else "quantities", f.quantity)
            if path not in problems.source.spots:
                path = ("system", "cost")
        problems.at(path, f.message, f.hint)


def _word(name: str, text: str) -> int | None:
    if not name:
        return None
    found = list(re.finditer(rf"\b{re.escape(name)}\b", text))
    return found[-1].start() if found else None


def _unused(
    given: Mapping[str, Quantity], equations: tuple[Equation, ...], problems: Problems
) -> None:
    used = {e.target for e in equations}
    for e in equations:
        used |= {n.base.label.name for n in e.rhs.atoms(sp.Indexed)}
        used |= {s.name for s in e.rhs.free_symbols if isinstance(s, sp.Symbol)}
        for f in e.rhs.atoms(sp.Function):
            row = ACTIVATIONS.get(f.func.__name__.replace("_", "-"))
            used |= set(row.constants) if row else set()
    for name in given:
        if name not in used:
            problems.at(
                ("quantities", name),
                f"'{name}' is declared, but no equation uses it",
                "remove it, or use it",
                value=False,
            )


def _leads_nowhere(
    cost: str,
    parsed: Mapping[int, Parsed],
    equations: tuple[Equation, ...],
    problems: Problems,
) -> None:
    """Equations of quantities that the cost does not depend on: most often a forgotten term."""
    reads: dict[str, set[str]] = {}
    for e in equations:
        names = {n.base.label.name for n in e.rhs.atoms(sp.Indexed)}
        names |= {s.name for s in e.rhs.free_symbols if isinstance(s, sp.Symbol)}
        reads.setdefault(e.target, set()).update(names)
    reached, waiting = {cost}, [cost]
    while waiting:
        for name in sorted(reads.get(waiting.pop(), set()) - reached):
            reached.add(name)
            waiting.append(name)
    for number, equation in parsed.items():
        if equation.left.name not in reached:
            problems.at(
                ("system", "equations", number),
                f"'{equation.left.name}' is defined, but the cost {cost} does not depend on it",
                "remove the equation, or use it",
            )

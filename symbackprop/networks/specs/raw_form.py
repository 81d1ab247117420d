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
from symbackprop.system.checks import findings, partial_findings
from symbackprop.system.facts import KINDS
from symbackprop.system.findings import Finding
from symbackprop.system.infer import infer_facts, infer_roles, in_computing_order
from symbackprop.system.left_side import Defined, defined_quantities, left_sides
from symbackprop.system.lexer import SyntaxProblem
from symbackprop.system.model import (
    ROLES,
    Axis,
    Description,
    Equation,
    Fact,
    Function,
    Quantity,
    System,
    index,
)
from symbackprop.system.syntax import Apply, Parsed, parse_equation, parse_expression
from symbackprop.system.translate import Bounds, Scope, Translator, readable

_FACT = re.compile(r"\s*(.+?)(?:\s+over\s+([A-Za-z][A-Za-z0-9_]*))?\s*\Z")
_MEANING = re.compile(r"[^\x00-\x1f\x7f\\$`<>|{}\[\]#*_&%~^\"]{0,200}\Z")
_KINDS = ("unit", "layer", "sample", "time")


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


@dataclass(frozen=True)
class Letters:
    """The index letters of a spec: ranges, kinds, and the symbolic sizes in the ranges."""

    bounds: dict[str, Bounds]
    kinds: dict[str, str]
    sizes: tuple[sp.Symbol, ...]
    widths: frozenset[str]


def raw_system(checked: Any, name: str, problems: Problems) -> System:
    """Raises what `problems` holds: all mistakes of the file together."""
    letters = _letters(checked, problems)
    given = _given(checked, letters, problems)
    functions = _functions(checked, problems)
    parsed = _parse(checked, problems)
    scope, defined = _scope(given, letters, functions, parsed, problems)
    equations, unsound = _translate(parsed, scope, defined, problems)
    quantities = defined_quantities(checked.system.cost, given, defined, equations, letters.kinds)
    if checked.system.cost not in {q.name for q in quantities}:
        known = [q.name for q in quantities]
        problems.unknown(("system", "cost"), "quantity", checked.system.cost, known)
    quantities = infer_roles(quantities, equations, checked.system.cost)
    used, constants = _used_functions(equations, functions, {q.name for q in quantities})
    quantities = infer_facts((*quantities, *constants.values()), equations, used)
    values = values_of(checked, {q.name: q for q in quantities}, problems)
    for constant in constants:
        values.setdefault(constant, _default(constant))
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
    problems.stop()
    return System(**parts)


# --- axes and quantities ----------------------------------------------------------------------


def _letters(checked: Any, problems: Problems) -> Letters:
    bounds: dict[str, Bounds] = {}
    kinds: dict[str, str] = {}
    sizes: dict[str, sp.Symbol] = {}
    widths: set[str] = set()
    for name in checked.axes:
        wrong = readable(name)
        if wrong:
            problems.at(("axes", name), wrong, value=False)
    for name, given in checked.axes.items():
        path: tuple[str, ...] = ("axes", name)
        size = given
        if not isinstance(given, int | str):
            size = given.size
            if given.kind is not None:
                if given.kind not in _KINDS:
                    problems.unknown((*path, "kind"), "kind of axis", given.kind, _KINDS)
                kinds[name] = given.kind
            path = (*path, "size")
        upper = _upper(path, str(size), checked.axes, sizes, widths, problems)
        bounds[name] = (sp.Integer(1), upper)
    for name in sizes:
        if name in checked.quantities:
            problems.at(("quantities", name), f"'{name}' is the size of an axis", value=False)
    return Letters(bounds, kinds, tuple(sizes.values()), frozenset(widths))


def _upper(
    path: tuple[str, ...],
    text: str,
    letters: Mapping[str, Any],
    sizes: dict[str, sp.Symbol],
    widths: set[str],
    problems: Problems,
) -> sp.Expr:
    """The size of an axis: 3, "T", "T-1", or the width "s[l]"."""
    from symbackprop.system.model import size as size_symbol
    from symbackprop.system.syntax import Entry, Node

    try:
        node = parse_expression(text)
    except SyntaxProblem as problem:
        problems.inside(path, problem.start, problem.end, problem.message, problem.hint)
        return sp.Integer(1)
    names: set[str] = set()
    families: set[str] = set()

    def collect(part: Node) -> None:
        if isinstance(part, Entry):
            (names if part.indices is None else families).add(part.name)
            for inner in part.indices or ():
                collect(inner)
        for attribute in ("terms", "factors"):
            for _, child in getattr(part, attribute, ()):
                collect(child)

    collect(node)
    for name in sorted((names | families) - set(letters)):
        wrong = readable(name)
        if wrong:
            problems.at(path, wrong)
            return sp.Integer(1)
        if name in names:
            sizes.setdefault(name, size_symbol(name))
    widths |= families
    scope = Scope(
        {x: (sp.Integer(1), sp.Integer(1)) for x in letters}, frozenset(sizes), frozenset(families)
    )
    translator = Translator(scope, scope.letters)
    upper = translator.affine(node)
    for problem in translator.problems:
        problems.inside(path, problem.start, problem.end, problem.message, problem.hint)
    if upper.is_Integer and upper < 1:
        problems.at(path, f"a size must be at least 1, not {upper}")
    return upper


def _given(checked: Any, letters: Letters, problems: Problems) -> dict[str, Quantity]:
    found: dict[str, Quantity] = {}
    for name, spec in checked.quantities.items():
        path = ("quantities", name)
        wrong = readable(name)
        if name in letters.bounds:
            wrong = f"'{name}' is an index letter of [axes] and also a quantity"
        if name in letters.widths:
            wrong = f"'{name}' is the width of an axis and also a quantity"
        if wrong:
            problems.at(path, wrong, value=False)
            continue
        role = spec.role
        if role not in ROLES:
            problems.unknown((*path, "role"), "role", role, ROLES)
            role = ""
        axes = _axes(spec, letters, (*path, "axes"), problems)
        if not _MEANING.match(spec.meaning):
            problems.at((*path, "meaning"), "a meaning is one line of plain words")
        layer = None if spec.layer is None else sp.Integer(spec.layer)
        if layer is not None and not 0 <= spec.layer <= 10**6:
            problems.at((*path, "layer"), "a layer is a number from 0")
        facts = _facts(spec, [a.index.name for a in axes], (*path, "facts"), problems)
        found[name] = Quantity(name, role, axes, layer, facts, spec.meaning)
    return found


def _axes(spec: Any, letters: Letters, path: Any, problems: Problems) -> tuple[Axis, ...]:
    given = spec.axes
    names = [x.strip() for x in given.split(",")] if isinstance(given, str) else list(given)
    if names == [""]:
        return ()
    axes = []
    for number, name in enumerate(names):
        here = (*path, number) if isinstance(given, list) else path
        if name not in letters.bounds:
            problems.unknown(here, "axis", name, letters.bounds)
        elif name in names[:number]:
            problems.at(here, f"the axis {name} stands twice", "two axes need two letters")
        else:
            lower, upper = letters.bounds[name]
            axes.append(Axis(index(name), upper, lower, letters.kinds.get(name, "unit")))
    return tuple(axes)


def _facts(spec: Any, axes: list[str], path: Any, problems: Problems) -> frozenset[Fact]:
    found = set()
    for number, text in enumerate(spec.facts):
        match = _FACT.match(text)
        kind, over = (match[1], match[2] or "") if match else (text, "")
        if kind not in KINDS:
            problems.unknown((*path, number), "fact", kind, KINDS)
        elif over and over not in axes:
            problems.unknown((*path, number), "axis", over, axes)
        elif kind == "sums to 1" and not over:
            problems.at((*path, number), "over which axis?", 'for example "sums to 1 over o"')
        else:
            found.add(Fact(kind, over))
    return frozenset(found)


# --- functions --------------------------------------------------------------------------------


def _functions(checked: Any, problems: Problems) -> dict[str, Function]:
    """The user's own functions: "f(z)" is abstract, "g(z) = z*sigmoid(z)" has a formula."""
    found: dict[str, Function] = {}
    for number, text in enumerate(checked.system.functions):
        path = ("system", "functions", number)
        left, equals, right = text.partition("=")
        try:
            head = parse_expression(left)
            if not (
                isinstance(head, Apply)
                and len(head.args) == 1
                and getattr(head.args[0], "indices", 0) is None
            ):
                raise SyntaxProblem("a function is written f(z) or f(z) = ...", 0, len(left))
            variable = head.args[0].name  # type: ignore[attr-defined]
            wrong = readable(head.name) or readable(variable)
            if wrong or head.name in found or head.name in checked.quantities:
                raise SyntaxProblem(
                    wrong or f"the name '{head.name}' is defined twice", head.start, head.end
                )
            symbol = sp.Symbol(variable, real=True)
            expression = None
            if equals:
                body = parse_expression(right)
                scope = Scope({}, arities={variable: 0}, functions=_known_functions(found))
                translator = Translator(scope, {})
                expression = translator.expression(body)
                for problem in translator.problems:
                    shift = len(left) + 1
                    problems.inside(
                        path, problem.start + shift, problem.end + shift, problem.message,
                        problem.hint,
                    )
                expression = _opened(expression, found)
            found[head.name] = Function(head.name, symbol, expression)
        except SyntaxProblem as problem:
            problems.inside(path, problem.start, problem.end, problem.message, problem.hint)
    return found


def _opened(expression: sp.Expr, own: Mapping[str, Function]) -> sp.Expr:
    """Functions inside a function written out: its formula then holds SymPy's functions only."""
    rows = {a.function_name: a.function() for a in ACTIVATIONS.values()} | dict(own)
    for _ in range(len(rows)):
        changes = {}
        for node in expression.atoms(sp.core.function.AppliedUndef):
            row = rows.get(node.func.__name__)
            if row is not None and row.expression is not None:
                changes[node] = row.expression.xreplace({row.variable: node.args[0]})
        if not changes:
            return expression
        expression = expression.xreplace(changes)
    return expression


def _known_functions(own: Mapping[str, Function]) -> dict[str, Any]:
    rows = {
        a.function_name: a for a in ACTIVATIONS.values() if a.expression is not None
    }
    return {**rows, **own}


def _used_functions(
    equations: tuple[Equation, ...], own: Mapping[str, Function], taken: set[str]
) -> tuple[tuple[Function, ...], dict[str, Quantity]]:
    """The functions that the equations call, and the constants these need."""
    rows = {a.function_name: a.function() for a in ACTIVATIONS.values()} | dict(own)
    names: dict[str, None] = {}
    for e in equations:
        for node in sorted(e.rhs.atoms(sp.Function), key=str):
            if node.func.__name__ in rows and node.func.__name__ != "exp":
                names[node.func.__name__] = None
    used = tuple(rows[n] for n in names)
    constants = {
        c: Quantity(c, "constant", meaning=f"constant of {f.name}")
        for f in used
        for c in f.constants
        if c not in taken
    }
    return used, constants


def _default(constant: str) -> float:
    for row in ACTIVATIONS.values():
        if constant in row.constants:
            return row.constants[constant]
    return 1.0


# --- equations --------------------------------------------------------------------------------


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
    scope = Scope(letters.bounds, sizes, letters.widths, arities, _known_functions(functions))
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
                ("quantities", name), f"'{name}' is declared, but no equation uses it",
                "remove it, or use it", value=False,
            )



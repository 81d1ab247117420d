"""Validation of a System at construction.

`findings` lists what is wrong, `check` raises it. The parts: names (this file), indices and sizes
(`check_indices`), order and recurrences (`check_order`).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.errors import ManyErrors, UnknownName, printable
from symbackprop.system.facts import KINDS
from symbackprop.system.findings import Finding

if TYPE_CHECKING:
    from symbackprop.system.model import Equation, Function, Quantity, System


class Parts(Protocol):
    """What is checked: a System, or the fields of one that is still to be made."""

    @property
    def name(self) -> str: ...
    @property
    def quantities(self) -> tuple[Quantity, ...]: ...
    @property
    def equations(self) -> tuple[Equation, ...]: ...
    @property
    def cost(self) -> str: ...
    @property
    def functions(self) -> tuple[Function, ...]: ...
    @property
    def sizes(self) -> tuple[sp.Symbol, ...]: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


GIVEN = ("input", "target", "weight", "bias", "parameter", "constant")
"""Roles whose values are given: no equation may define them."""

ALLOWED_FUNCTIONS: tuple[type[sp.Basic], ...] = (
    sp.exp,
    sp.log,
    sp.tanh,
    sp.sinh,
    sp.cosh,
    sp.sin,
    sp.cos,
    sp.Abs,
    sp.sign,
    sp.Max,
    sp.Min,
    sp.Piecewise,
    sp.KroneckerDelta,
)
"""SymPy's own functions that may stand in an equation."""

# A name becomes part of formulas, documents, file names and code: what could end one is refused.
_DANGEROUS = re.compile(r"[\x00-\x20\x7f\\$`/<>&%#\"'{}|~]")
MAX_NAME = 100


def check(system: System) -> None:
    """Raise IllFormedSystem, UnknownName or (for several) ManyErrors unless well formed."""
    errors = [f.error() for f in findings(system)]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ManyErrors(errors)


def findings(system: Parts) -> list[Finding]:
    """Everything that is wrong; later parts run only where the earlier found nothing."""
    from symbackprop.system.check_indices import index_findings
    from symbackprop.system.check_order import order_findings

    found = list(_names(system))
    found += _roles(system)
    if not found:
        found = list(index_findings(system))
    if not found:
        found = list(order_findings(system))
    if not found and system.values:
        found = list(_values(system))
    return found


def partial_findings(system: Parts, unsound: Container[str]) -> list[Finding]:
    """What can be said although some equations (those with a label in `unsound`) have mistakes."""
    from symbackprop.system.check_indices import sound_equations

    found = [*_names(system), *_roles(system)]
    if not found:
        found = list(sound_equations(system, unsound))
    return found


def _names(system: Parts) -> Iterator[Finding]:
    name = system.name
    if not name or len(name) > MAX_NAME or _DANGEROUS.search(name) or name[0] in ".-":
        yield Finding(
            f"the network's name '{printable(name)}' cannot be the name of a file",
            hint="use letters, digits, '-' and '_'",
        )
    seen: set[str] = set()
    for q in system.quantities:
        if not q.name or len(q.name) > MAX_NAME or _DANGEROUS.search(q.name):
            yield Finding(
                f"'{printable(q.name)}' cannot be a name",
                hint="use letters, digits and underscores, a letter first",
                quantity=q.name,
            )
        if q.name in seen:
            yield Finding(f"the name '{printable(q.name)}' is defined twice", quantity=q.name)
        seen.add(q.name)
    letters = {a.index.name for q in system.quantities for a in q.axes}
    for taken, what in (
        (letters, "an index letter"),
        ({s.name for s in system.sizes}, "a size"),
    ):
        for clash in sorted(seen & taken):
            yield Finding(
                f"the name '{printable(clash)}' is a quantity and also {what}", quantity=clash
            )
    for clash in sorted(letters & {s.name for s in system.sizes}):
        yield Finding(f"the name '{printable(clash)}' is an index letter and also a size")
    functions: set[str] = set()
    for f in system.functions:
        if f.name in functions:
            yield Finding(f"the function '{printable(f.name)}' is defined twice")
        functions.add(f.name)
        for constant in f.constants:
            if constant not in seen:
                yield Finding(
                    f"the function '{f.name}' needs the constant '{constant}', "
                    "which is no quantity of the system"
                )


def _roles(system: Parts) -> Iterator[Finding]:
    from symbackprop.system.model import ROLES

    defined = {e.target for e in system.equations}
    declared = {q.name for q in system.quantities}
    for q in system.quantities:
        if q.role not in ROLES:
            yield Finding.of(UnknownName("role", q.role, ROLES), quantity=q.name)
        elif q.role in GIVEN and q.name in defined:
            yield Finding(
                f"'{q.name}' has the role {q.role}, so its value is given, "
                "but an equation defines it",
                hint="remove the equation, or give it the role intermediate",
                quantity=q.name,
            )
        elif q.role not in GIVEN and q.name not in defined:
            yield Finding(
                f"'{q.name}' has the role {q.role}, but no equation defines it",
                hint="write an equation for it, or give it a role such as input or parameter",
                quantity=q.name,
            )
        letters = [a.index.name for a in q.axes]
        if len(set(letters)) < len(letters):
            yield Finding(
                f"'{q.name}' has the index letter "
                f"'{next(x for x in letters if letters.count(x) > 1)}' twice",
                hint="two axes need two letters, for example W[i,j]",
                quantity=q.name,
            )
        for fact in q.facts:
            if fact.kind not in KINDS:
                yield Finding.of(UnknownName("fact", fact.kind, KINDS), quantity=q.name)
            elif fact.over and fact.over not in letters:
                yield Finding(
                    f"the fact '{fact.kind} over {fact.over}' of '{q.name}' needs an axis "
                    f"{fact.over}, which it does not have",
                    quantity=q.name,
                )
    yield from _cost(system, declared)
    for e in system.equations:
        if e.target not in declared:
            yield Finding.of(UnknownName("quantity", e.target, declared), equation=e)
    yield from _functions(system)


def _cost(system: Parts, declared: set[str]) -> Iterator[Finding]:
    if system.cost not in declared:
        yield Finding(
            f"the cost '{printable(system.cost)}' is no quantity of the system",
            hint='name the quantity that gradient descent makes small, for example cost = "J"',
        )
        return
    q = next(q for q in system.quantities if q.name == system.cost)
    if q.axes:
        letters = ",".join(a.index.name for a in q.axes)
        yield Finding(
            f"the cost must be one number, but '{q.name}' has the axes {letters}",
            hint=f"sum over them: {q.name} = sum({letters}, ...)",
            quantity=q.name,
        )
    if q.role != "cost" and q.role not in GIVEN:
        yield Finding(
            f"'{q.name}' is the cost, but its role is {q.role}",
            hint='role = "cost"',
            quantity=q.name,
        )
    for other in system.quantities:
        if other.role == "cost" and other.name != system.cost:
            yield Finding(
                f"'{other.name}' has the role cost, but the cost of the system is '{system.cost}'",
                quantity=other.name,
            )


def _functions(system: Parts) -> Iterator[Finding]:
    known = {f.name for f in system.functions}
    for e in system.equations:
        for node in _calls(e):
            if isinstance(node, AppliedUndef):
                name = node.func.__name__
                if name not in known:
                    error = UnknownName("function", name, [*known, *_readable_functions()])
                    yield Finding.of(error, equation=e)
            elif isinstance(node, sp.Function) and not isinstance(node, ALLOWED_FUNCTIONS):
                yield Finding(
                    f"the function {printable(str(node.func))} cannot stand in an equation",
                    hint=f"known: {', '.join(_readable_functions())}",
                    equation=e,
                )
        if e.rhs.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
            yield Finding(
                f"the equation of '{e.target}' has no real value (it divides by 0 or is infinite)",
                equation=e,
            )


def _calls(e: Equation) -> Iterable[sp.Basic]:
    return sorted(e.rhs.atoms(sp.Function), key=str)


def _readable_functions() -> list[str]:
    return [f.__name__.lower() for f in ALLOWED_FUNCTIONS]


def _values(system: Parts) -> Iterator[Finding]:
    from symbackprop.system.values import RATE, misfit, sizes_of_values

    quantities = {q.name: q for q in system.quantities}
    sizes = sizes_of_values(system)
    for name, value in system.values.items():
        if name == RATE:
            continue
        if name not in quantities:
            error = UnknownName("quantity in the values", name, quantities)
            yield Finding(error.message, error.hint, quantity=name, of_value=True)
            continue
        problem = misfit(quantities[name].axes, value, sizes, {}, name)
        if problem:
            yield Finding(problem, quantity=name, of_value=True)

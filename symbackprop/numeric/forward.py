"""The forward pass of a System, entry by entry, straight from its equations.

    z1[2] = W1[2,1]*x[1] + W1[2,2]*x[2] + b1[2]

No array operation, no reordering and no calculus: each entry is computed from the equation whose
guard holds for it, by loops over the index letters, and remembered. Slow and plain on purpose: it
is the witness against which gradients are checked. An entry may be a float, a complex number, a
vector of perturbed copies, or an mpmath number (see `arithmetic`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.errors import IllFormedSystem, UnsupportedForm, printable
from symbackprop.numeric.arithmetic import Arithmetic, Number, total
from symbackprop.system.model import Equation, System

Sizes = Mapping[str, Any]
"""Numbers for symbolic sizes: {'m': 3}; for layer widths a sequence: {'s': [2, 3, 1]}."""

Values = Mapping[str, Any]
"""Arrays by name; a quantity whose later axes depend on the first is a list of arrays."""

Entry = tuple[str, tuple[int, ...]]
Letters = dict[str, int]
Code = Callable[["Pass", Letters], Any]


class Forward:
    """The forward pass of one system at fixed sizes; `run` computes it for given values."""

    def __init__(self, system: System, sizes: Sizes | None = None) -> None:
        self.system = system
        self.sizes: dict[str, Any] = dict(sizes or {})
        self._codes: dict[int, Code] = {}

    def bounds(self, lower: sp.Expr, upper: sp.Expr, letters: Letters) -> range:
        """The values from `lower` to `upper`, both included."""
        return range(self.integer(lower, letters), self.integer(upper, letters) + 1)

    def integer(self, expression: Any, letters: Letters) -> int:
        """An index, bound or size as a number. Raises IllFormedSystem if a size has no value."""
        if isinstance(expression, int | sp.Integer):
            return int(expression)
        if isinstance(expression, sp.Symbol):
            if expression.name in letters:
                return letters[expression.name]
            if expression.name in self.sizes:
                return int(self.sizes[expression.name])
            raise IllFormedSystem(f"the size {printable(expression.name)} has no value")
        if isinstance(expression, sp.Indexed):
            widths = self.sizes.get(str(expression.base.label))
            if widths is None:
                name = printable(str(expression.base.label))
                raise IllFormedSystem(f"the sizes {name} have no values")
            return int(widths[self.integer(expression.indices[0], letters)])
        if isinstance(expression, sp.Add):
            return sum(self.integer(a, letters) for a in expression.args)
        if isinstance(expression, sp.Mul):
            result = sp.Integer(1)
            for a in expression.args:
                result *= a if isinstance(a, sp.Rational) else self.integer(a, letters)
            return int(result)
        raise UnsupportedForm(f"{printable(str(expression))} is not an index")

    def entries(self, name: str) -> Iterator[tuple[int, ...]]:
        """All index tuples of a quantity, in row-major order."""

        def extend(axis: int, letters: Letters, head: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
            axes = self.system[name].axes
            if axis == len(axes):
                yield head
                return
            a = axes[axis]
            for i in self.bounds(a.lower, a.upper, letters):
                yield from extend(axis + 1, {**letters, a.index.name: i}, (*head, i))

        yield from extend(0, {}, ())

    def run(
        self,
        values: Values,
        arithmetic: Arithmetic,
        replaced: Mapping[Entry, Number] | None = None,
    ) -> Pass:
        """One pass; `replaced` puts other numbers in place of single entries."""
        return Pass(self, values, arithmetic, dict(replaced or {}))

    def code(self, expression: Any) -> Code:
        """The expression as nested closures, made once."""
        found = self._codes.get(id(expression))
        if found is None:
            # Expressions live as long as the system, so that an id stands for one of them.
            found = self._codes[id(expression)] = compiled(expression, self)
        return found


class Pass:
    """The entries computed so far in one forward pass."""

    def __init__(
        self,
        forward: Forward,
        values: Values,
        arithmetic: Arithmetic,
        known: dict[Entry, Number],
    ) -> None:
        self.forward = forward
        self.values = values
        self.arithmetic = arithmetic
        self._known = known

    def cost(self) -> Number:
        """The cost. Long recurrences are filled step by step, so that nothing recurses deeply."""
        system = self.forward.system
        for q in system.quantities:
            if q.name in system.equations_of and q.axes and q.axes[0].kind in ("layer", "time"):
                self._fill(q.name, backwards=looks_ahead(system, q.name))
        return self.entry(system.cost, ())

    def _fill(self, name: str, backwards: bool) -> None:
        indices = list(self.forward.entries(name))
        for index in reversed(indices) if backwards else indices:
            self.entry(name, index)

    def entry(self, name: str, index: tuple[int, ...]) -> Number:
        """The number at `index` of the quantity `name`."""
        key = (name, index)
        if key not in self._known:
            self._known[key] = self._compute(name, index)
        return self._known[key]

    def _compute(self, name: str, index: tuple[int, ...]) -> Number:
        system = self.forward.system
        for equation in system.equations_of.get(name, ()):
            letters = self._match(equation, index)
            if letters is not None:
                return self.forward.code(equation.rhs)(self, letters)
        if name not in self.values:
            raise IllFormedSystem(
                f"{printable(name)}{list(index) or ''} has neither an equation nor a value"
            )
        value = self.values[name]
        for position, axis in zip(index, system[name].axes, strict=True):
            value = value[position - self.forward.integer(axis.lower, {})]
        return value

    def _match(self, equation: Equation, index: tuple[int, ...]) -> Letters | None:
        """The letters' values if the equation's left side covers `index`, else None."""
        letters: Letters = {}
        later: list[tuple[sp.Expr, int]] = []
        for place, value in zip(equation.indices, index, strict=True):
            if isinstance(place, sp.Symbol) and any(r[0] == place for r in equation.ranges):
                if letters.setdefault(place.name, value) != value:
                    return None
            elif place.free_symbols & {r[0] for r in equation.ranges}:
                # A shifted letter, `h[t+1, i]`: solve for the letter.
                letter = next(r[0] for r in equation.ranges if r[0] in place.free_symbols)
                shift = self.forward.integer(sp.expand(place - letter), letters)
                letters.setdefault(letter.name, value - shift)
            else:
                later.append((place, value))
        if any(self.forward.integer(p, letters) != v for p, v in later):
            return None
        for letter, lower, upper in equation.ranges:
            if letters[letter.name] not in self.forward.bounds(lower, upper, letters):
                return None
        return letters


def looks_ahead(system: System, name: str) -> bool:
    """Whether the recurrence through `name` runs backwards: `h[t]` from `h[t+1]`."""
    for equation in system.equations_of.get(name, ()):
        for atom in equation.rhs.atoms(sp.Indexed):
            for place, own in zip(atom.indices, equation.indices, strict=False):
                shift = sp.expand(place - own)
                if shift.is_Integer and shift > 0:
                    return True
    return False


def compiled(expression: Any, forward: Forward) -> Code:
    """Closures for an expression. Raises UnsupportedForm for what has no numbers."""
    make = _MAKERS.get(type(expression))
    if make is not None:
        return make(expression, forward)
    if isinstance(expression, sp.Rational):
        top, bottom = int(expression.p), int(expression.q)
        return lambda run, letters: run.arithmetic.number(top, bottom)
    if isinstance(expression, sp.Float):
        exact = sp.Rational(str(expression))
        return compiled(exact, forward)
    if isinstance(expression, sp.core.relational.Relational):
        return _relation(expression, forward)
    if isinstance(expression, sp.Function):
        return _application(expression, forward)
    if expression is sp.true or expression is sp.false:
        truth = bool(expression)
        return lambda run, letters: truth
    if isinstance(expression, sp.NumberSymbol):
        digits = sp.Rational(str(expression.evalf(60)))
        return compiled(digits, forward)
    raise UnsupportedForm(f"{printable(str(expression))} has no plain numeric form")


def _symbol(expression: sp.Symbol, forward: Forward) -> Code:
    name = expression.name
    if name in forward.system.by_name and not expression.is_integer:
        return lambda run, letters: run.entry(name, ())
    return lambda run, letters: run.arithmetic.number(forward.integer(expression, letters), 1)


def _indexed(expression: sp.Indexed, forward: Forward) -> Code:
    name = str(expression.base.label)
    places = expression.indices
    if name not in forward.system.by_name:
        return lambda run, letters: run.arithmetic.number(forward.integer(expression, letters), 1)
    return lambda run, letters: run.entry(
        name, tuple(forward.integer(place, letters) for place in places)
    )


def _add(expression: sp.Add, forward: Forward) -> Code:
    terms = [compiled(a, forward) for a in expression.args]
    return lambda run, letters: total([term(run, letters) for term in terms])


def _mul(expression: sp.Mul, forward: Forward) -> Code:
    factors = [compiled(a, forward) for a in expression.args]

    def code(run: Pass, letters: Letters) -> Number:
        result: Number = factors[0](run, letters)
        for factor in factors[1:]:
            result = result * factor(run, letters)
        return result

    return code


def _pow(expression: sp.Pow, forward: Forward) -> Code:
    base, exponent = (compiled(a, forward) for a in expression.args)
    return lambda run, letters: run.arithmetic.power(base(run, letters), exponent(run, letters))


def _sum(expression: sp.Sum, forward: Forward) -> Code:
    body = compiled(expression.function, forward)
    limits = expression.limits

    def ranges(depth: int, letters: Letters) -> Iterator[Letters]:
        if depth < 0:
            yield letters
            return
        letter, lower, upper = limits[depth]
        for i in forward.bounds(lower, upper, letters):
            yield from ranges(depth - 1, {**letters, letter.name: i})

    # SymPy's last limit is the outermost sum.
    return lambda run, letters: total([body(run, i) for i in ranges(len(limits) - 1, letters)])


def _application(expression: Any, forward: Forward) -> Code:
    name = expression.func.__name__
    if isinstance(expression, AppliedUndef) and name in forward.system.function_by_name:
        function = forward.system.function_by_name[name]
        if function.expression is None:
            raise UnsupportedForm(
                f"the function {printable(name)} is abstract: it has no numbers",
                hint="name a concrete activation",
            )
        return compiled(
            function.expression.xreplace({function.variable: expression.args[0]}), forward
        )
    argument = compiled(expression.args[0], forward)
    return lambda run, letters: run.arithmetic.apply(name, argument(run, letters))


def _extremum(expression: Any, forward: Forward) -> Code:
    largest = isinstance(expression, sp.Max)
    arguments = [compiled(a, forward) for a in expression.args]

    def code(run: Pass, letters: Letters) -> Number:
        numbers = run.arithmetic
        best = arguments[0](run, letters)
        for argument in arguments[1:]:
            other = argument(run, letters)
            first, second = numbers.real(best), numbers.real(other)
            best = numbers.choose(first >= second if largest else first <= second, best, other)
        return best

    return code


def _piecewise(expression: sp.Piecewise, forward: Forward) -> Code:
    rows = [(compiled(e, forward), compiled(c, forward)) for e, c in expression.args]

    def code(run: Pass, letters: Letters) -> Number:
        value = rows[-1][0](run, letters)
        for expression_code, condition in reversed(rows[:-1]):
            value = run.arithmetic.choose(
                condition(run, letters), expression_code(run, letters), value
            )
        return value

    return code


def _relation(expression: Any, forward: Forward) -> Code:
    left, right = (compiled(a, forward) for a in expression.args)
    compare = _COMPARISONS[expression.rel_op]

    def code(run: Pass, letters: Letters) -> Any:
        real = run.arithmetic.real
        return compare(real(left(run, letters)), real(right(run, letters)))

    return code


def _delta(expression: Any, forward: Forward) -> Code:
    left, right = expression.args[:2]

    def code(run: Pass, letters: Letters) -> Number:
        same = forward.integer(left, letters) == forward.integer(right, letters)
        return run.arithmetic.number(int(same), 1)

    return code


def _product(expression: sp.Product, forward: Forward) -> Code:
    body = compiled(expression.function, forward)
    ((letter, lower, upper),) = expression.limits

    def code(run: Pass, letters: Letters) -> Number:
        result: Number = 1
        for i in forward.bounds(lower, upper, letters):
            result = result * body(run, {**letters, letter.name: i})
        return result

    return code


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

_MAKERS: dict[type, Callable[[Any, Forward], Code]] = {
    sp.Symbol: _symbol,
    sp.Indexed: _indexed,
    sp.Add: _add,
    sp.Mul: _mul,
    sp.Pow: _pow,
    sp.Sum: _sum,
    sp.Product: _product,
    sp.Max: _extremum,
    sp.Min: _extremum,
    sp.Piecewise: _piecewise,
    sp.KroneckerDelta: _delta,
}

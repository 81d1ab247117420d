"""Statements as C99 loop nests. Index letters count from 0 in C, whatever their range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sympy as sp

from symbackprop.errors import UnsupportedForm, printable
from symbackprop.export.names import Names
from symbackprop.export.plain import is_largest, safe
from symbackprop.export.program import Array, Loop, Statement, Step
from symbackprop.export.stable import LOGISTIC, SOFTPLUS

FUNCTIONS = {
    "exp": "exp",
    "log": "log",
    "tanh": "tanh",
    "sinh": "sinh",
    "cosh": "cosh",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "atan": "atan",
    "Abs": "fabs",
}


@dataclass
class CWriter:
    """Lines of one C function.

    dropped   arrays stored without their first axis (one sample at a time)
    scalars   names that are plain variables, not arrays
    inlined   values that are computed where they are read
    env       what index letters are here: a C variable (that counts from 0) plus the lower bound
    helpers   names of helper functions that were used
    """

    arrays: dict[str, Array]
    names: Names
    prefix: str
    single: bool
    dropped: frozenset[str] = frozenset()
    scalars: set[str] = field(default_factory=set)
    inlined: dict[str, Statement] = field(default_factory=dict)
    env: dict[sp.Expr, sp.Expr] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    helpers: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    indent: str = "    "
    letters: dict[str, str] = field(default_factory=dict)
    from_zero: dict[tuple[sp.Symbol, sp.Expr], sp.Symbol] = field(default_factory=dict)
    counter: int = 0
    opened: list[tuple[str, sp.Symbol, sp.Expr | None]] = field(default_factory=list)

    # --- statements --------------------------------------------------------------------------

    def steps(self, steps: Sequence[Step], adding: bool = False) -> None:
        for step in steps:
            if isinstance(step, Loop):
                self._loop(step)
            else:
                self.statement(step, adding)

    def statement(self, rule: Statement, adding: bool = False) -> None:
        for note in dict.fromkeys(self._notes(rule)):
            self.line(f"/* {safe(note)} */")
        array = self.arrays[rule.target]
        order = array.stored or tuple(range(len(rule.indices)))
        # Loops in storage order, so that memory is walked through in one direction.
        places = [rule.indices[p].free_symbols for p in order]
        ranges = sorted(
            rule.ranges, key=lambda r: next((i for i, x in enumerate(places) if r[0] in x), 99)
        )
        for letter, lower, upper in ranges:
            self.open(letter, lower, upper)
        value = self.expression(rule.rhs)
        target = self.entry(rule.target, rule.indices)
        self.line(f"{target} {'+=' if adding else '='} {value};")
        self.close(len(ranges))

    def _notes(self, rule: Statement) -> list[str]:
        """The equations of a statement and of what is computed inside it, in order."""
        found: list[str] = []
        if self.inlined:
            for name in sorted({str(a.base.label) for a in rule.rhs.atoms(sp.Indexed)}):
                if name in self.inlined:
                    found += self._notes(self.inlined[name])
        return [*found, rule.note] if rule.note else found

    def open(
        self, letter: sp.Symbol, lower: sp.Expr, upper: sp.Expr, descending: bool = False
    ) -> None:
        """Open a loop; the letter is from now on the C variable plus the lower bound."""
        lower, upper = self.here(lower), self.here(upper)
        count = self.size(sp.expand(upper - lower + 1))
        variable = sp.Symbol(f"{letter.name} {self.counter}", integer=True, nonnegative=True)
        self.counter += 1
        plain_name = letter.name.isidentifier() and letter.name.isascii()
        name = self.names.fresh(letter.name if plain_name else "i")
        self.letters[variable.name] = name
        self.opened.append((name, letter, self.env.get(letter)))
        self.env[letter] = sp.Add(variable, lower)
        self.from_zero[(letter, lower)] = variable
        if descending:
            self.line(f"for (size_t {name} = {count}; {name}-- > 0;) {{")
        else:
            self.line(f"for (size_t {name} = 0; {name} < {count}; ++{name}) {{")
        self.indent += "    "

    def close(self, depth: int = 1) -> None:
        for _ in range(depth):
            name, letter, before = self.opened.pop()
            self.from_zero = {k: v for k, v in self.from_zero.items() if k[0] != letter}
            self.names.release(name)
            if before is None:
                del self.env[letter]
            else:
                self.env[letter] = before
            self.indent = self.indent[:-4]
            self.line("}")

    def here(self, index: sp.Expr) -> sp.Expr:
        """An index expression with the letters as they are here."""
        if index.is_Integer:
            return index
        return sp.expand(index.xreplace(self.env)) if self.env else index

    def _loop(self, loop: Loop) -> None:
        self.open(loop.letter, loop.lower, loop.upper, loop.descending)
        for g in loop.body:
            conditions = []
            if g.lower != loop.lower:
                conditions.append(self.at_least(self.here(loop.letter), self.here(g.lower)))
            if g.upper != loop.upper:
                conditions.append(self.at_least(self.here(g.upper), self.here(loop.letter)))
            if conditions:
                self.line(f"if ({' && '.join(conditions)}) {{")
                self.indent += "    "
            self.steps((g.step,))
            if conditions:
                self.indent = self.indent[:-4]
                self.line("}")
        self.close()

    def at_least(self, left: sp.Expr, right: sp.Expr) -> str:
        """left >= right without subtraction: sizes are unsigned."""
        gap = sp.expand(left - right)
        plus = sp.Add(*(t for t in sp.Add.make_args(gap) if not t.could_extract_minus_sign()))
        minus = sp.Add(*(-t for t in sp.Add.make_args(gap) if t.could_extract_minus_sign()))
        return f"{self.size(plus)} >= {self.size(minus)}"

    def line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    # --- places ------------------------------------------------------------------------------

    def entry(self, name: str, indices: tuple[sp.Expr, ...]) -> str:
        array = self.arrays[name]
        own = self.names[name]
        order = array.stored or tuple(range(len(indices)))
        places = [self._place(indices[p], array.bounds[p][0]) for p in order]
        counts = list(array.counts)
        if name in self.dropped:
            places, counts = places[1:], counts[1:]
        if not places:
            return own if name in self.scalars else f"{own}[0]"
        text = self.size(places[0])
        for place, count in zip(places[1:], counts[1:], strict=True):
            if text == "0":
                text = self.size(place)
                continue
            head = text if text.isalnum() or text.isidentifier() else f"({text})"
            tail = self.size(place)
            text = f"{head} * {self.factor(count)}" + ("" if tail == "0" else f" + {tail}")
        return f"{own}[{text}]"

    def factor(self, expr: sp.Expr) -> str:
        text = self.size(expr)
        return text if text.isalnum() else f"({text})"

    def _place(self, index: sp.Expr, lower: sp.Expr) -> sp.Expr:
        """Where an index lies, counted from 0."""
        found = self.from_zero.get((index, lower)) if isinstance(index, sp.Symbol) else None
        return sp.expand(self.here(index) - lower) if found is None else found

    def size(self, expr: sp.Expr) -> str:
        """An index or size in C."""
        if not isinstance(expr, sp.Symbol | sp.Integer):
            expr = sp.expand(expr)
        if isinstance(expr, sp.Integer):
            return str(int(expr))
        if isinstance(expr, sp.Symbol):
            return self.letters.get(expr.name) or self.names[expr.name]
        if expr.is_Add:
            terms = sorted(expr.args, key=lambda t: (t.could_extract_minus_sign(), t.is_number))
            text = self.size(terms[0])
            for t in terms[1:]:
                minus = t.could_extract_minus_sign()
                text += f" {'-' if minus else '+'} {self.size(-t if minus else t)}"
            return text
        if expr.is_Mul and not expr.could_extract_minus_sign():
            return " * ".join(self.factor(a) for a in expr.args)
        raise UnsupportedForm(f"the index {printable(str(expr))} has no form in C")

    # --- values ------------------------------------------------------------------------------

    def number(self, value: sp.Expr) -> str:
        text = repr(float(value))
        if "inf" in text or "nan" in text:
            raise UnsupportedForm(f"the number {printable(str(value))} has no form in C")
        return text + ("f" if self.single else "")

    def call(self, name: str, *arguments: str) -> str:
        return f"{name}{'f' if self.single else ''}({', '.join(arguments)})"

    def helper(self, name: str, argument: str) -> str:
        self.helpers.add(name)
        return f"{self.prefix}_{name}({argument})"

    def expression(self, expr: sp.Expr) -> str:
        return self._value(expr)[0]

    def operand(self, expr: sp.Expr, strength: int) -> str:
        text, own = self._value(expr)
        return f"({text})" if own < strength else text

    # Strengths: 0 condition, 1 sum, 2 product, 3 unary, 4 atom.
    def _value(self, expr: sp.Expr) -> tuple[str, int]:
        if isinstance(expr, sp.Number | sp.NumberSymbol):
            text = self.number(expr)
            return text, (3 if text.startswith("-") else 4)
        if isinstance(expr, sp.Symbol):
            return self._symbol(expr)
        if isinstance(expr, sp.Indexed):
            name = str(expr.base.label)
            if name in self.inlined:
                return self._inlined(self.inlined[name], expr.indices)
            return self.entry(name, tuple(expr.indices)), 4
        if expr.is_Add:
            return self._sum_of_terms(expr)
        if expr.is_Mul:
            return self._product(expr)
        if isinstance(expr, sp.Pow):
            return self._power(expr)
        if isinstance(expr, sp.Sum):
            return self._sum(expr), 4
        if isinstance(expr, sp.Piecewise):
            return self._cases(expr), 0
        if isinstance(expr, sp.Max | sp.Min):
            return self._extreme(expr), 4
        if isinstance(expr, sp.KroneckerDelta):
            one, zero = self.number(sp.S.One), self.number(sp.S.Zero)
            left, right = (self.size(self.here(a)) for a in expr.args[:2])
            return f"({left} == {right} ? {one} : {zero})", 4
        if isinstance(expr, sp.Function):
            return self._call(expr), 4
        raise UnsupportedForm(f"{printable(str(expr))} has no form in C")

    def _inlined(self, source: Statement, indices: Sequence[sp.Expr]) -> tuple[str, int]:
        """A value computed where it is read: its letters are the reader's indices."""
        if tuple(indices) == source.indices:
            return self._value(source.rhs)
        before, self.from_zero = dict(self.env), {}
        self.env.update({own: self.here(i) for own, i in zip(source.indices, indices, strict=True)})
        found = self._value(source.rhs)
        self.env = before
        return found

    def _symbol(self, expr: sp.Symbol) -> tuple[str, int]:
        name = expr.name
        if expr.is_integer:
            text = self.size(self.here(expr))
            return f"({self.prefix}_real)" + (text if text.isalnum() else f"({text})"), 3
        if name in self.constants:
            return self.names[name], 4
        return self.entry(name, ()), 4

    def _sum_of_terms(self, expr: sp.Expr) -> tuple[str, int]:
        sums = [t for t in expr.args if isinstance(t, sp.Sum)]
        if sums:
            # The rest is what the sum starts from: no addition of 0.
            rest = sp.Add(*(t for t in expr.args if not isinstance(t, sp.Sum)))
            total = self._sum(sums[0], None if rest == 0 else rest)
            for other in sums[1:]:
                self._grow(total, other)
            return total, 4
        terms = sorted(expr.args, key=lambda t: (t.could_extract_minus_sign(), not t.is_number))
        text = self.operand(terms[0], 1)
        for t in terms[1:]:
            if t.could_extract_minus_sign():
                text += f" - {self.operand(-t, 2)}"
            else:
                text += f" + {self.operand(t, 1)}"
        return text, 1

    def _product(self, expr: sp.Expr) -> tuple[str, int]:
        number, rest = expr.as_coeff_Mul()
        top, bottom = [], []
        for f in sp.Mul.make_args(rest):
            base, power = f.as_base_exp()
            if isinstance(f, sp.Pow) and power.is_Rational and power < 0:
                bottom.append(base ** (-power))
            else:
                top.append(f)
        parts = [self.operand(f, 2) for f in top]
        if abs(number) != 1:
            parts.insert(0, self.number(abs(number)))
        text = " * ".join(parts) or self.number(sp.S.One)
        for f in bottom:
            text += f" / {self.operand(f, 3)}"
        return (f"-({text})" if number < 0 else text), (3 if number < 0 else 2)

    def _power(self, expr: sp.Expr) -> tuple[str, int]:
        base, power = expr.args
        if power.is_Integer and 0 < abs(power) <= 4:
            text, strength = self._value(base)
            if strength < 4 or len(text) > 20:
                name = self.fresh("u")
                self.line(f"const {self.prefix}_real {name} = {text};")
                text = name
            product = " * ".join([text] * abs(int(power)))
            if power > 0:
                return product, 2
            return f"{self.number(sp.S.One)} / ({product})", 2
        if power == sp.Rational(1, 2):
            return self.call("sqrt", self.expression(base)), 4
        return self.call("pow", self.expression(base), self.expression(power)), 4

    def fresh(self, stem: str) -> str:
        self.counter += 1
        return self.names.fresh(f"{stem}{self.counter}")

    def _sum(self, expr: sp.Sum, start: sp.Expr | None = None) -> str:
        """A loop in front of the line that needs the sum; it starts from `start`, or 0."""
        first = self.number(sp.S.Zero) if start is None else self.expression(start)
        total = self.fresh("s")
        self.line(f"{self.prefix}_real {total} = {first};")
        self._grow(total, expr)
        return total

    def _grow(self, total: str, expr: sp.Sum) -> None:
        for letter, lower, upper in reversed(expr.limits):
            self.open(letter, lower, upper)
        self.line(f"{total} += {self.expression(expr.function)};")
        self.close(len(expr.limits))

    def _largest(self, expr: sp.Expr) -> str:
        body, letter, lower, upper = expr.args
        largest = self.fresh("s")
        before = self.env.get(letter)
        self.env[letter] = self.here(lower)
        self.line(f"{self.prefix}_real {largest} = {self.expression(body)};")
        if before is None:
            del self.env[letter]
        else:
            self.env[letter] = before
        self.open(letter, lower, upper)
        value = self.expression(body)
        self.line(f"if ({value} > {largest}) {{ {largest} = {value}; }}")
        self.close()
        return largest

    def _cases(self, expr: sp.Piecewise) -> str:
        rows = list(expr.args)
        text = self.operand(rows[-1][0], 1)
        if rows[-1][1] != sp.true:
            text = f"{self.condition(rows[-1][1])} ? {text} : {self.number(sp.S.Zero)}"
        for value, condition in reversed(rows[:-1]):
            text = f"{self.condition(condition)} ? {self.operand(value, 1)} : ({text})"
        return text

    def condition(self, expr: sp.Expr) -> str:
        if isinstance(expr, sp.And | sp.Or):
            sign = " && " if isinstance(expr, sp.And) else " || "
            return "(" + sign.join(self.condition(a) for a in sorted(expr.args, key=str)) + ")"
        if isinstance(expr, sp.core.relational.Relational):
            left, right = self.operand(expr.lhs, 1), self.operand(expr.rhs, 1)
            return f"({left} {expr.rel_op} {right})"
        raise UnsupportedForm(f"the condition {printable(str(expr))} has no form in C")

    def _extreme(self, expr: sp.Expr) -> str:
        name = "fmax" if isinstance(expr, sp.Max) else "fmin"
        arguments = sorted(expr.args, key=lambda a: a.is_number)
        text = self.expression(arguments[0])
        for a in arguments[1:]:
            other = self.expression(a)
            if text.replace("[", "").replace("]", "").replace(" ", "").isalnum():
                sign = ">" if name == "fmax" else "<"
                text = f"({text} {sign} {other} ? {text} : {other})"
            else:
                text = self.call(name, text, other)
        return text

    def _call(self, expr: sp.Expr) -> str:
        if is_largest(expr):
            return self._largest(expr)
        name = expr.func.__name__
        argument = self.expression(expr.args[0])
        if name == LOGISTIC:
            return self.helper("sigmoid", argument)
        if name == SOFTPLUS:
            return self.helper("softplus", argument)
        if name == "sign":
            return self.helper("sign", argument)
        if name not in FUNCTIONS:
            raise UnsupportedForm(f"the function {printable(name)} has no form in C")
        return self.call(FUNCTIONS[name], argument)

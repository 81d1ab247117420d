"""From the syntax tree of an equation to SymPy, looking up every name.

All mistakes of an equation are collected, each with its offsets; the result counts only if there
are none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from symbackprop.errors import UnknownName, printable
from symbackprop.system.lexer import SyntaxProblem
from symbackprop.system.model import entry, index, size
from symbackprop.system.syntax import (
    Apply,
    Condition,
    Entry,
    Factors,
    Node,
    Number,
    Over,
    Power,
    Terms,
)

Bounds = tuple[sp.Expr, sp.Expr]
MAX_BITS = 20_000
"""Of a number that arithmetic on written numbers may give."""
MAX_EXPONENT = 400
SMALLEST, LARGEST = sp.Rational("1e-300"), sp.Rational("1e300")
"""Numbers of an equation become doubles, and their products should too."""


@dataclass(frozen=True)
class Scope:
    """What names mean.

    letters     index letter -> its range
    sizes       names of symbolic sizes
    widths      names of width families (`s` in `s[l]`)
    arities     quantity -> how many indices it has
    functions   function name -> how it is applied
    """

    letters: Mapping[str, Bounds]
    sizes: frozenset[str] = frozenset()
    widths: frozenset[str] = frozenset()
    arities: Mapping[str, int] = field(default_factory=dict)
    functions: Mapping[str, Callable[[sp.Expr], sp.Expr]] = field(default_factory=dict)


FUNCTIONS: Mapping[str, Callable[..., sp.Expr]] = {
    "exp": sp.exp,
    "log": sp.log,
    "ln": sp.log,
    "sqrt": sp.sqrt,
    "tanh": sp.tanh,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "sin": sp.sin,
    "cos": sp.cos,
    "abs": sp.Abs,
    "sign": sp.sign,
}
"""Functions of one argument that need no declaration."""

BINDERS = ("sum", "mean", "prod")
SPECIAL = (*BINDERS, "softmax", "where", "max", "min")
RESERVED = frozenset((*FUNCTIONS, *SPECIAL))
"""Words that cannot name a quantity, a letter or a size."""


class Translator:
    """One equation. `problems` collects what is wrong."""

    def __init__(self, scope: Scope, free: Mapping[str, Bounds]) -> None:
        self.scope = scope
        self.bound: dict[str, Bounds] = dict(free)
        self.problems: list[SyntaxProblem] = []

    def say(self, message: str, node: Node, hint: str = "") -> sp.Expr:
        self.problems.append(SyntaxProblem(message, node.start, node.end, hint))
        return sp.Integer(1)

    def unknown(self, kind: str, name: str, known: Any, node: Node) -> sp.Expr:
        error = UnknownName(kind, name, known)
        width = SyntaxProblem(error.message, node.start, node.start + len(name), error.hint)
        self.problems.append(width)
        return sp.Integer(1)

    # --- expressions --------------------------------------------------------------------------

    def expression(self, node: Node) -> sp.Expr:
        """The SymPy expression of `node`."""
        if isinstance(node, Number):
            return self.number(node)
        if isinstance(node, Entry):
            return self.entry(node)
        if isinstance(node, Apply):
            return self.apply(node)
        if isinstance(node, Terms):
            return sp.Add(*(sign * self.expression(t) for sign, t in node.terms))
        if isinstance(node, Factors):
            return self.product(node)
        if isinstance(node, Power):
            return self.power(node)
        if isinstance(node, Condition):
            return self.say("a comparison can only stand in where(condition, a, b)", node)
        assert isinstance(node, Over)
        hint = "for example sum(s=1..t-1, ...)"
        return self.say("a range can only stand in sum(...)", node, hint)

    def number(self, node: Number) -> sp.Expr:
        _, _, exponent = node.text.lower().partition("e")
        if len(node.text) > 60 or (exponent and abs(int(exponent)) > MAX_EXPONENT):
            return self.say("this number has too many digits", node)
        value = sp.Rational(node.text)
        if value and not SMALLEST <= abs(value) <= LARGEST:
            return self.say("this number is outside double precision", node, "rescale the equation")
        return value

    def product(self, node: Factors) -> sp.Expr:
        factors = []
        for op, factor in node.factors:
            value = self.expression(factor)
            if op == "/":
                if value.is_zero:
                    return self.say("division by 0", factor)
                value = 1 / value
            factors.append(value)
        return sp.Mul(*factors)

    def power(self, node: Power) -> sp.Expr:
        base, exponent = self.expression(node.base), self.expression(node.exponent)
        if exponent.is_number and not (exponent.is_Rational and abs(exponent.p) <= MAX_BITS):
            return self.say("this exponent is too large", node.exponent)
        if base.is_Rational and exponent.is_Rational:
            if base.is_zero and exponent < 0:
                return self.say("division by 0", node)
            if base < 0 and not exponent.is_Integer:
                return self.say("a root of a negative number is not real", node)
            bits = max(abs(base.p), base.q).bit_length()
            if bits * abs(exponent.p) > MAX_BITS:
                return self.say("this power is too large", node)
        return base**exponent

    def entry(self, node: Entry) -> sp.Expr:
        name, scope = node.name, self.scope
        if node.indices is None:
            if name in self.bound:
                return index(name)
            if name in scope.arities:
                if scope.arities[name]:
                    need = scope.arities[name]
                    many = "index" if need == 1 else "indices"
                    return self.say(f"'{name}' has {need} {many}, but stands without any", node)
                return entry(name)
            if name in scope.sizes:
                return size(name)
            if name in scope.letters:
                return self.unbound(name, node)
            return self.unknown("name", name, self.readable(), node)
        if name in scope.widths and name not in scope.arities:
            return self.width(node)
        if name not in scope.arities:
            return self.unknown("quantity", name, scope.arities, node)
        if scope.arities[name] != len(node.indices):
            count = scope.arities[name]
            many = {0: "no indices", 1: "1 index"}.get(count, f"{count} indices")
            return self.say(f"'{name}' has {many}, but is used with {len(node.indices)}", node)
        return entry(name, *(self.affine(i) for i in node.indices))

    def readable(self) -> list[str]:
        return [*self.scope.arities, *self.scope.sizes, *self.bound]

    def unbound(self, name: str, node: Node) -> sp.Expr:
        return self.say(
            f"the index {name} has no range here: it is neither on the left side nor summed",
            node,
            f"sum over it: sum({name}, ...)",
        )

    def width(self, node: Entry) -> sp.Expr:
        assert node.indices is not None
        if len(node.indices) != 1:
            return self.say(f"a width has one index: {node.name}[l]", node)
        base = sp.IndexedBase(sp.Symbol(node.name, integer=True, positive=True))
        return base[self.affine(node.indices[0])]

    # --- indices ------------------------------------------------------------------------------

    def affine(self, node: Node) -> sp.Expr:
        """An index or a bound: whole numbers, letters and sizes, added, and times numbers."""
        if isinstance(node, Number):
            if not node.text.isdecimal() or len(node.text) > 18:
                return self.say("an index must be a whole number", node)
            return sp.Integer(int(node.text))
        if isinstance(node, Entry):
            if node.indices is not None:
                if node.name in self.scope.widths and node.name not in self.scope.arities:
                    return self.width(node)
                return self.say("a quantity cannot be an index", node)
            if node.name in self.bound:
                return index(node.name)
            if node.name in self.scope.sizes:
                return size(node.name)
            if node.name in self.scope.letters:
                return self.unbound(node.name, node)
            known = [*self.scope.letters, *self.scope.sizes]
            return self.unknown("index", node.name, known, node)
        if isinstance(node, Terms):
            return sp.Add(*(sign * self.affine(t) for sign, t in node.terms))
        if isinstance(node, Factors) and all(op == "*" for op, _ in node.factors):
            parts = [self.affine(f) for _, f in node.factors]
            if sum(not p.is_Integer for p in parts) <= 1:
                return sp.Mul(*parts)
        return self.say("an index must have the form  t,  t-1,  2*t+1,  3", node)

    # --- calls --------------------------------------------------------------------------------

    def apply(self, node: Apply) -> sp.Expr:
        name = node.name
        if name in BINDERS:
            return self.binder(node)
        if name == "softmax":
            return self.softmax(node)
        if name == "where":
            return self.where(node)
        if name in ("max", "min"):
            return self.extreme(node)
        function = self.scope.functions.get(name) or FUNCTIONS.get(name)
        if function is None:
            known = {*self.scope.functions, *RESERVED}
            hint = f"to read an entry write {name}[...]" if name in self.scope.arities else ""
            if hint:
                return self.say(f"'{name}' is a quantity, not a function", node, hint)
            return self.unknown("function", name, known, node)
        if len(node.args) != 1:
            return self.say(f"{name} has one argument, not {len(node.args)}", node)
        argument = self.expression(node.args[0])
        if name in ("log", "ln") and argument.is_Number and argument <= 0:
            return self.say("the logarithm of this number is not real", node)
        if name == "sqrt" and argument.is_Number and argument < 0:
            return self.say("a root of a negative number is not real", node)
        return function(argument)

    def binder(self, node: Apply) -> sp.Expr:
        """sum(t, o, body): the first letter is the outermost."""
        *over, body = node.args
        if node.name == "prod":
            return self.say(
                "a product over an axis cannot be differentiated here",
                node,
                "write the factors out, for example z[1]*z[2]*z[3]; of positive factors it is "
                "exp(sum(k, log(z[k])))",
            )
        if not over:
            return self.say(
                f"{node.name} needs a letter and a body", node, f"for example {node.name}(k, x[k])"
            )
        limits: list[tuple[sp.Symbol, sp.Expr, sp.Expr]] = []
        for item in over:
            found = self.letter(item)
            if found is None:
                break
            limits.append(found)
            self.bound[found[0].name] = found[1:]
        inner = self.expression(body)
        for letter, _, _ in limits:
            del self.bound[letter.name]
        if len(limits) < len(over):
            return sp.Integer(1)
        limits.reverse()  # SymPy writes the innermost first
        count = sp.Integer(1)
        if node.name == "mean":
            for _, lower, upper in limits:
                count *= upper - lower + 1
        return sp.Sum(inner, *limits) / count

    def letter(self, item: Node) -> tuple[sp.Symbol, sp.Expr, sp.Expr] | None:
        """The letter and range of one sum; None after a problem."""
        before = len(self.problems)
        if isinstance(item, Over):
            name, bounds = item.letter, (self.affine(item.lower), self.affine(item.upper))
            if name in RESERVED or name in self.scope.arities or name in self.scope.sizes:
                self.say(f"'{name}' already means something else", item)
        elif isinstance(item, Entry) and item.indices is None:
            name = item.name
            if name not in self.scope.letters:
                self.unknown("index letter", name, self.scope.letters, item)
                return None
            bounds = self.scope.letters[name]
            for letter in bounds[0].free_symbols | bounds[1].free_symbols:
                known = letter.name in self.bound or letter.is_positive
                if not known:
                    self.say(
                        f"the range of {name} depends on {letter}, which has no value here",
                        item,
                        f"give a range of its own: sum({name}=1.., ...)",
                    )
        else:
            self.say("an index letter expected", item, "for example sum(k, W[i,k]*x[k])")
            return None
        if name in self.bound:
            self.say(
                f"the letter {name} is already taken here", item, "give the sum another letter"
            )
        if len(self.problems) > before:
            return None
        return index(name), bounds[0], bounds[1]

    def softmax(self, node: Apply) -> sp.Expr:
        """softmax(o, q[t,o]) = exp(q[t,o]) / sum over r of exp(q[t,r])."""
        if len(node.args) != 2:
            return self.say(
                "softmax needs a letter and a body", node, "for example softmax(o, q[t,o])"
            )
        which, body = node.args
        if not isinstance(which, Entry) or which.indices is not None:
            return self.say("an index letter expected", which, "for example softmax(o, q[t,o])")
        if which.name not in self.bound:
            if which.name not in self.scope.letters:
                return self.unknown("index letter", which.name, self.scope.letters, which)
            return self.unbound(which.name, which)
        value = self.expression(body)
        letter = index(which.name)
        if not value.has(letter):
            return self.say(f"this does not contain the index {letter}", body)
        lower, upper = self.bound[which.name]
        fresh = index(self.fresh())
        other = value.xreplace({letter: fresh})
        return sp.exp(value) / sp.Sum(sp.exp(other), (fresh, lower, upper))

    def fresh(self) -> str:
        """A bound letter that means nothing yet: r, r1, r2, …"""
        taken = {*self.scope.arities, *self.scope.sizes, *self.scope.letters, *self.bound}
        number = 0
        while True:
            name = f"r{number or ''}"
            if name not in taken:
                return name
            number += 1

    def where(self, node: Apply) -> sp.Expr:
        if len(node.args) != 3 or not isinstance(node.args[0], Condition):
            return self.say(
                "where needs a condition and two values", node, "for example where(z > 0, z, 0)"
            )
        condition, yes, no = node.args
        assert isinstance(condition, Condition)
        left, right = self.expression(condition.left), self.expression(condition.right)
        if _has_cases(left) or _has_cases(right):
            return self.say(_UNNAMED, condition, _NAME_IT)
        relation = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}[condition.relation]
        return sp.Piecewise(
            (self.expression(yes), relation(left, right)), (self.expression(no), True)
        )

    def extreme(self, node: Apply) -> sp.Expr:
        """max(a, b): as cases, so that the derivative at a tie is that of b."""
        if len(node.args) < 2:
            return self.say(f"{node.name} needs two values or more", node)
        values = [self.expression(a) for a in node.args]
        for value, argument in zip(values, node.args, strict=True):
            if _has_cases(value):
                return self.say(_UNNAMED, argument, _NAME_IT)
        relation = sp.Gt if node.name == "max" else sp.Lt
        rows: list[tuple[sp.Expr, Any]] = [
            (value, sp.And(*(relation(value, later) for later in values[i + 1 :])))
            for i, value in enumerate(values[:-1])
        ]
        return sp.Piecewise(*rows, (values[-1], True))


# SymPy rewrites a condition that holds cases: the letter of a sum comes loose, or it never ends.
_UNNAMED = "cases (where, max, min) cannot stand inside a comparison"
_NAME_IT = "give them a name: an equation of their own"


def _has_cases(value: sp.Expr) -> bool:
    return bool(value.has(sp.Piecewise))


def readable(name: str) -> str:
    """Why `name` cannot be used as a name, or ''."""
    if name in RESERVED:
        return f"'{name}' is a word of the equation language"
    if len(name) > 40:
        return f"the name '{printable(name, 30)}' is longer than 40 characters"
    valid = name.isascii() and name.isidentifier() and name[0] != "_"
    return "" if valid else f"'{printable(name)}' cannot be a name"

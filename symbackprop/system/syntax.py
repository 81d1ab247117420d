"""The syntax of the equation language: text to a tree with offsets. No names are looked up here.

equation   = entry "=" expression
expression = ["-"] term { ("+" | "-") term }
term       = unary { ("*" | "/") unary }
unary      = ("-" | "+") unary | power
power      = atom [ ("^" | "**") unary ]
atom       = number | entry | name "(" arguments ")" | "(" expression ")"
entry      = name [ "[" index { "," index } "]" ]
index      = expression | letter "=" expression ".." expression
arguments  = argument { "," argument };   argument = index | condition
condition  = expression ("<" | "<=" | ">" | ">=") expression
"""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.errors import printable
from symbackprop.system.lexer import SyntaxProblem, Token, tokens

MAX_DEPTH = 60
"""Nesting of brackets and calls; SymPy itself works recursively."""


@dataclass(frozen=True, slots=True)
class Node:
    """Base: `start`..`end` are offsets into the equation's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """`W[i,j]`; without brackets a scalar, a size or a letter (`indices` is None)."""

    name: str
    indices: tuple[Node, ...] | None


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """`exp(z)`, `sum(k, ...)`."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Terms(Node):
    """A sum; each term with its sign, 1 or -1."""

    terms: tuple[tuple[int, Node], ...]


@dataclass(frozen=True, slots=True)
class Factors(Node):
    """A product; each factor with '*' or '/'."""

    factors: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Power(Node):
    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Condition(Node):
    left: Node
    relation: str
    right: Node


@dataclass(frozen=True, slots=True)
class Over(Node):
    """`s=1..t-1`: a letter with its own range."""

    letter: str
    lower: Node
    upper: Node


@dataclass(frozen=True, slots=True)
class Parsed:
    """left = right, with the text they came from; `right` None where it could not be read."""

    left: Entry
    right: Node | None
    text: str


def parse_equation(text: str) -> Parsed:
    """Raises SyntaxProblem."""
    parser = _Parser(text)
    left = parser.atom(0)
    if not isinstance(left, Entry):
        raise SyntaxProblem("the left side must be a quantity such as z[i]", left.start, left.end)
    parser.expect("=", "an equation has the form  name[indices] = expression")
    right = parser.expression(0)
    parser.finish()
    return Parsed(left, right, text)


def parse_expression(text: str) -> Node:
    """One expression and nothing else. Raises SyntaxProblem."""
    parser = _Parser(text)
    node = parser.expression(0)
    parser.finish()
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.at = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def sees(self, *ops: str) -> bool:
        return self.next.kind == "op" and self.next.text in ops

    def expect(self, op: str, hint: str = "") -> Token:
        if not self.sees(op):
            raise self.problem(f"'{op}' expected", hint)
        return self.take()

    def problem(self, message: str, hint: str = "") -> SyntaxProblem:
        token = self.next
        found = f"'{printable(token.text)}'" if token.kind != "end" else "the end"
        return SyntaxProblem(f"{message}, but {found} was found", token.start, token.end, hint)

    def finish(self) -> None:
        if self.next.kind == "end":
            return
        hint = ""
        if self.next.kind in ("name", "number") or self.sees("(", "["):
            hint = "a product is written with *"
        raise self.problem("an operator or the end expected", hint)

    def deeper(self, depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise SyntaxProblem(
                f"more than {MAX_DEPTH} brackets inside one another",
                self.next.start,
                self.next.end,
                "give a part of the expression a name: an equation of its own",
            )
        return depth + 1

    def expression(self, depth: int) -> Node:
        depth = self.deeper(depth)
        start = self.next.start
        terms = [(1, self.term(depth))]
        while self.sees("+", "-"):
            sign = 1 if self.take().text == "+" else -1
            terms.append((sign, self.term(depth)))
        if len(terms) == 1:
            return terms[0][1]
        return Terms(start, terms[-1][1].end, tuple(terms))

    def term(self, depth: int) -> Node:
        start = self.next.start
        factors = [("*", self.unary(depth))]
        while self.sees("*", "/"):
            factors.append((self.take().text, self.unary(depth)))
        if len(factors) == 1:
            return factors[0][1]
        return Factors(start, factors[-1][1].end, tuple(factors))

    def unary(self, depth: int) -> Node:
        start, sign = self.next.start, 1
        while self.sees("-", "+"):
            if self.take().text == "-":
                sign = -sign
        body = self.power(depth)
        return body if sign == 1 else Terms(start, body.end, ((-1, body),))

    def power(self, depth: int) -> Node:
        base = self.atom(depth)
        if not self.sees("^", "**"):
            return base
        self.take()
        exponent = self.unary(self.deeper(depth))
        return Power(base.start, exponent.end, base, exponent)

    def atom(self, depth: int) -> Node:
        token = self.next
        if token.kind == "number":
            self.take()
            return Number(token.start, token.end, token.text)
        if token.kind == "name":
            self.take()
            if self.sees("["):
                indices, end = self.list("[", "]", self.deeper(depth))
                return Entry(token.start, end, token.text, indices)
            if self.sees("("):
                args, end = self.list("(", ")", self.deeper(depth))
                return Apply(token.start, end, token.text, args)
            return Entry(token.start, token.end, token.text, None)
        if self.sees("("):
            self.take()
            body = self.expression(depth)
            self.expect(")")
            return body
        raise self.problem("a number, a name or '(' expected")

    def list(self, opening: str, closing: str, depth: int) -> tuple[tuple[Node, ...], int]:
        self.expect(opening)
        items = [self.item(depth)]
        while self.sees(","):
            self.take()
            items.append(self.item(depth))
        return tuple(items), self.expect(closing).end

    def item(self, depth: int) -> Node:
        start = self.next.start
        left = self.expression(depth)
        if self.sees("="):
            if not isinstance(left, Entry) or left.indices is not None:
                raise self.problem("',' or a bracket expected")
            self.take()
            lower = self.expression(depth)
            self.expect("..", "a range is written s=1..T")
            upper = self.expression(depth)
            return Over(start, upper.end, left.name, lower, upper)
        if self.sees("<", "<=", ">", ">="):
            relation = self.take().text
            right = self.expression(depth)
            return Condition(start, right.end, left, relation, right)
        return left

"""The judge's own scalar expressions: an arena of shared nodes, named by integers.

A node is (operation, arguments); equal nodes get equal numbers, so that an expression of a network
of depth L takes room linear in L. Operations:

    num   (Fraction)                        var  (name, (int, ...))  an entry of a quantity
    pi    ()
    +     (node, ...)                       *    (node, ...)
    ^     (node, int)                       root (node, q)           the real q-th root, of a value > 0
    exp, log, sin, cos  (node)              app  (f, order, node)    an unknown function's derivative
    piece ((conditions, node), ..., open)   the first row whose conditions hold

A condition is (node, relation), read `node relation 0`. `open` marks the derivative of a piece: where a
switch is exactly 0 it has no value, since the derivative need not exist there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from symbackprop.judging.clock import WORK, Clock
from symbackprop.judging.problems import NotUnderstood

Node = int
Key = tuple[str, tuple[int, ...]]
Condition = tuple[Node, str]
Row = tuple[tuple[Condition, ...], Node]


MOST_NODES = 1_500_000
"""An arena never grows beyond this."""
MOST_BITS = 50_000
"""Powers of numbers with more binary digits are not calculated."""
ZERO, UNIT = Fraction(0), Fraction(1)


class Arena:
    """A store of expression nodes with their constructors; constants are folded, nothing else."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.op: list[str] = []
        self.args: list[Any] = []
        self._known: dict[tuple[str, Any], Node] = {}
        self._whole: dict[int, Node] = {}
        self._variables: dict[Node, tuple[Node, ...]] = {}
        self.zero = self.num(0)
        self.one = self.num(1)
        self.minus = self.num(-1)

    def _make(self, op: str, args: Any) -> Node:
        WORK.done += 2
        found = self._known.get((op, args))
        if found is None:
            found = len(self.op)
            if not found & 1023:
                self.clock.check()
                if found > MOST_NODES:
                    raise NotUnderstood("too large to judge")
            self._known[(op, args)] = found
            self.op.append(op)
            self.args.append(args)
        return found

    # --- constructors -------------------------------------------------------------------------

    def num(self, value: Fraction | int) -> Node:
        if type(value) is Fraction:
            return self._make("num", value)
        found = self._whole.get(int(value))
        if found is None:
            found = self._whole[int(value)] = self._make("num", Fraction(value))
        return found

    def var(self, name: str, indices: tuple[int, ...] = ()) -> Node:
        return self._make("var", (name, indices))

    def pi(self) -> Node:
        return self._make("pi", ())

    def number(self, node: Node) -> Fraction | None:
        """The value of a constant node."""
        return self.args[node] if self.op[node] == "num" else None

    def add(self, nodes: Iterable[Node]) -> Node:
        terms: list[Node] = []
        constant = ZERO
        for n in nodes:
            if self.op[n] == "num":
                constant = constant + self.args[n] if constant else self.args[n]
            else:
                terms.append(n)
        if constant or not terms:
            terms.append(self.num(constant))
        return terms[0] if len(terms) == 1 else self._make("+", tuple(sorted(terms)))

    def mul(self, nodes: Iterable[Node]) -> Node:
        factors: list[Node] = []
        constant = UNIT
        for n in nodes:
            if self.op[n] == "num":
                constant = self.args[n] if constant is UNIT else constant * self.args[n]
            else:
                factors.append(n)
        if not constant:
            return self.zero
        if (constant is not UNIT and constant != 1) or not factors:
            factors.append(self.num(constant))
        return factors[0] if len(factors) == 1 else self._make("*", tuple(sorted(factors)))

    def marked(self, node: Node, marks: Sequence[Node]) -> Node:
        """A term of a sum with its marks, as one product: the same however the term was written."""
        if not marks:
            return node
        factors = self.args[node] if self.op[node] == "*" else (node,)
        return self.mul((*factors, *marks))

    def neg(self, node: Node) -> Node:
        return self.mul((self.minus, node))

    def sub(self, left: Node, right: Node) -> Node:
        return self.zero if left == right else self.add((left, self.neg(right)))

    def power(self, base: Node, exponent: int) -> Node:
        """An integer power. Raises ZeroDivisionError for a negative power of the constant 0."""
        if exponent == 1:
            return base
        if self.op[base] == "num":
            bits = self.args[base].numerator.bit_length() + self.args[base].denominator.bit_length()
            if bits * abs(exponent) > MOST_BITS:
                raise NotUnderstood("a number with too many digits")
            return self.num(self.args[base] ** exponent)
        if exponent == 0:
            return self.one
        if self.op[base] == "^":
            inner, n = self.args[base]
            if n > 0 or exponent > 0:  # (1/u)^-1 is not u where u is 0
                return self.power(inner, n * exponent)
        return self._make("^", (base, exponent))

    def div(self, num: Node, den: Node) -> Node:
        return self.mul((num, self.power(den, -1)))

    def root(self, node: Node, q: int) -> Node:
        value = self.number(node)
        if value is not None and value >= 0:
            n, d = exact_root(value.numerator, q), exact_root(value.denominator, q)
            if n is not None and d is not None:
                return self.num(Fraction(n, d))
        return self._make("root", (node, q))

    def general_power(self, base: Node, exponent: Node) -> Node:
        value = self.number(exponent)
        if value is not None:
            if value.denominator == 1 and abs(value) < 1000:
                return self.power(base, int(value))
            if value.denominator <= 12 and abs(value.numerator) < 1000:
                return self.power(self.root(base, value.denominator), value.numerator)
        return self.exp(self.mul((exponent, self.log(base))))

    def exp(self, node: Node) -> Node:
        return self.one if node == self.zero else self._make("exp", node)

    def log(self, node: Node) -> Node:
        return self.zero if node == self.one else self._make("log", node)

    def sin(self, node: Node) -> Node:
        return self.zero if node == self.zero else self._make("sin", node)

    def cos(self, node: Node) -> Node:
        return self.one if node == self.zero else self._make("cos", node)

    def erf(self, node: Node) -> Node:
        return self.zero if node == self.zero else self._make("erf", node)

    def app(self, name: str, order: int, argument: Node) -> Node:
        return self._make("app", (name, order, argument))

    def piece(self, rows: Sequence[Row], is_open: bool = False) -> Node:
        """The first row whose conditions hold; a row without conditions is 'otherwise'."""
        kept: list[Row] = []
        for conditions, value in rows:
            left: list[Condition] = []
            possible = True
            for node, relation in conditions:
                constant = self.number(node)
                if constant is None:
                    left.append((node, relation))
                elif not holds(constant, relation):
                    possible = False
            if possible:
                kept.append((tuple(left), value))
                if not left:
                    break
        if kept and not kept[-1][0] and all(v == kept[0][1] for _, v in kept):
            return kept[0][1]
        return self._make("piece", (tuple(kept), is_open))

    # --- common functions through exp ---------------------------------------------------------

    def tanh(self, u: Node) -> Node:
        e = self.exp(self.mul((self.num(2), u)))
        return self.div(self.add((e, self.num(-1))), self.add((e, self.one)))

    def sinh(self, u: Node) -> Node:
        return self.mul((self.num(Fraction(1, 2)), self.sub(self.exp(u), self.exp(self.neg(u)))))

    def cosh(self, u: Node) -> Node:
        return self.mul((self.num(Fraction(1, 2)), self.add((self.exp(u), self.exp(self.neg(u))))))

    def abs(self, u: Node) -> Node:
        return self.piece([(((u, ">="),), u), ((), self.neg(u))])

    def sign(self, u: Node) -> Node:
        return self.piece([(((u, ">"),), self.one), (((u, "<"),), self.num(-1)), ((), self.zero)])

    def maximum(self, nodes: Sequence[Node], sign: int = 1) -> Node:
        """The largest (sign 1) or smallest (sign -1) of the nodes."""
        best = nodes[0]
        for other in nodes[1:]:
            gap = self.sub(best, other) if sign > 0 else self.sub(other, best)
            best = self.piece([(((gap, ">="),), best), ((), other)])
        return best

    # --- walking --------------------------------------------------------------------------------

    def children(self, node: Node) -> tuple[Node, ...]:
        op, args = self.op[node], self.args[node]
        if op in ("+", "*"):
            return args  # type: ignore[no-any-return]
        if op in ("num", "var", "pi"):
            return ()
        if op in ("^", "root"):
            return (args[0],)
        if op == "app":
            return (args[2],)
        if op == "piece":
            found: list[Node] = []
            for conditions, value in args[0]:
                found.extend(c[0] for c in conditions)
                found.append(value)
            return tuple(found)
        return (args,)

    def order(
        self, roots: Iterable[Node], definition: Callable[[Node], Node | None] | None = None
    ) -> list[Node]:
        """All nodes below `roots`, children first; `definition` gives what a var stands for."""
        op, args = self.op, self.args
        done: set[Node] = set()
        found: list[Node] = []
        stack: list[Node] = list(roots)  # ~node: its children are done
        while stack:
            node = stack.pop()
            if node < 0:
                found.append(~node)
                continue
            if node in done:
                continue
            done.add(node)
            kind = op[node]
            if kind == "+" or kind == "*":
                stack.append(~node)
                stack += args[node]
            elif kind == "var":
                meant = definition(node) if definition else None
                if meant is None:
                    found.append(node)
                else:
                    stack += (~node, meant)
            else:
                stack.append(~node)
                stack += self.children(node)
        return found

    def rebuild(self, node: Node, change: Callable[[Node], Node]) -> Node:
        """The same operation over changed children."""
        op, args = self.op[node], self.args[node]
        if op in ("num", "var", "pi"):
            return node
        if op == "+":
            return self.add(change(c) for c in args)
        if op == "*":
            return self.mul(change(c) for c in args)
        if op == "^":
            return self.power(change(args[0]), args[1])
        if op == "root":
            return self.root(change(args[0]), args[1])
        if op == "app":
            return self.app(args[0], args[1], change(args[2]))
        if op == "piece":
            rows = [
                (tuple((change(n), r) for n, r in conditions), change(value))
                for conditions, value in args[0]
            ]
            return self.piece(rows, args[1])
        return self._make(op, change(args)) if op != "exp" else self.exp(change(args))

    def substitute(self, node: Node, change: dict[Node, Node]) -> Node:
        """`node` with vars replaced."""
        new: dict[Node, Node] = {}
        for n in self.order([node]):
            new[n] = change[n] if n in change else self.rebuild(n, new.__getitem__)
        return new[node]

    def variables(self, node: Node) -> tuple[Node, ...]:
        """The vars that occur in `node` (definitions not followed)."""
        found = self._variables.get(node)
        if found is None:
            found = tuple(n for n in self.order([node]) if self.op[n] == "var")
            self._variables[node] = found
        return found


def holds(value: Fraction, relation: str) -> bool:
    """Whether `value relation 0`."""
    return {
        "<": value < 0,
        "<=": value <= 0,
        ">": value > 0,
        ">=": value >= 0,
        "=": value == 0,
        "!=": value != 0,
    }[relation]


def exact_root(value: int, q: int) -> int | None:
    """The q-th root of a non-negative integer, if it is an integer."""
    guess = round(value ** (1 / q)) if value < 2**50 else 0
    for candidate in (guess - 1, guess, guess + 1):
        if candidate >= 0 and candidate**q == value:
            return candidate
    return None

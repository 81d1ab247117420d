"""What a Formula means at concrete sizes: a scalar (a node of the arena) or an array of scalars.

Arrays are matrices; a vector is a column. A quantity with a sample axis and one more axis is a matrix
in the order of its axes (samples as rows); `Layout("columns")` turns it, and `Layout(weights="sender")`
turns weight matrices (sender first). `d.X` and Grad have the shape of X.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Condition, Node, holds
from symbackprop.judging.instance import Instance
from symbackprop.judging.ladder import DEEP
from symbackprop.judging.letters import Letters, integer
from symbackprop.judging.lowering import MOST_TERMS
from symbackprop.judging.problems import IllFormed, NotUnderstood, Undefined
from symbackprop.system.model import ADJOINT


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text writes batches and weights: samples as 'rows' or 'columns', weights 'receiver' or 'sender' first."""

    samples: str = "rows"
    weights: str = "receiver"


@dataclass(frozen=True, slots=True)
class Arr:
    """A matrix of nodes, by rows."""

    rows: int
    cols: int
    cells: tuple[Node, ...]
    keys: tuple[str, str] = ("", "")
    """The sizes that rows and columns count, in a marked instance."""

    @property
    def shape(self) -> str:
        return f"{self.rows}x{self.cols}"

    def at(self, i: int, j: int) -> Node:
        return self.cells[i * self.cols + j]

    def turned(self) -> Arr:
        cells = tuple(self.at(i, j) for j in range(self.cols) for i in range(self.rows))
        return Arr(self.cols, self.rows, cells, (self.keys[1], self.keys[0]))


Value = Node | Arr
Env = Mapping[str, int]

PI = t.Sym("pi")
"""The number pi, where no quantity has that name."""

_ONE = ("exp", "log", "sin", "cos", "tanh", "sinh", "cosh", "abs", "sign")


class Meaning:
    """Evaluates formulas of one instance. `named` are definitions of names that the system lacks."""

    def __init__(
        self,
        instance: Instance,
        named: Mapping[str, tuple[tuple[str, ...], t.Formula]] | None = None,
        layout: Layout | None = None,
        letters: Letters | None = None,
    ) -> None:
        self.instance = instance
        self.arena = instance.arena
        self.named = named or {}
        self.layout = layout or Layout()
        self.letters = letters or Letters(instance, {})
        self.constants: set[str] = set()
        """Undeclared scalars that are allowed: they are free constants (the learning rate)."""
        self.layers: set[str] = set()
        """Letters that run over layers or times wherever they stand (for conditions on them)."""
        marks = instance.marks
        self.deep = marks.deep if marks is not None else frozenset[str]()
        self._open: list[str] = []

    def of(self, f: t.Formula, env: Env) -> Value:
        """The value of `f`. Raises IllFormed, NotUnderstood."""
        handler = _HANDLERS.get(type(f))
        if handler is None:
            raise NotUnderstood(f"a {type(f).__name__} in a formula")
        return handler(self, f, env)

    def scalar(self, f: t.Formula, env: Env) -> Node:
        value = self.of(f, env)
        if isinstance(value, Arr):
            if (value.rows, value.cols) == (1, 1):
                return value.cells[0]
            raise IllFormed(f"a number is needed, not an array of shape {value.shape}")
        return value

    def integer(self, f: t.Formula, env: Env) -> int:
        return integer(f, env, self.instance.sizes)

    # --- leaves ---------------------------------------------------------------------------------

    def num(self, f: t.Num, env: Env) -> Value:
        return self.arena.num(f.value)

    def sym(self, f: t.Sym, env: Env) -> Value:
        """A written symbol means nothing by itself, but for the number pi."""
        if f == PI:
            return self.arena.pi()
        raise NotUnderstood(f"the symbol '{f.base}' stands for nothing known")

    def idx(self, f: t.Idx, env: Env) -> Value:
        if f.name not in env and f.name in self.instance.sizes:
            return self.instance.size_node(f.name)
        self._refuse("a letter stands as a number")
        return self.arena.num(self.integer(f, env))

    def opaque(self, f: t.Opaque, env: Env) -> Value:
        raise NotUnderstood(f.reason or f"'{f.text}' was not understood")

    def _refuse(self, reason: str) -> None:
        """In a marked instance: no conclusion to all sizes."""
        if self.instance.marks is not None:
            self.instance.marks.refuse(reason)

    def ref(self, f: t.Ref, env: Env) -> Value:
        name = f.name
        if name in self.named and name not in self.instance.system.by_name:
            return self._named(f, env)
        known = self.instance.system.by_name
        if not f.indices:
            if name in self.instance.sizes:
                return self.instance.size_node(name)
            if name in self.constants and name not in known:
                return self.arena.var(name)
        indices = tuple(self.integer(i, env) for i in f.indices)
        if name.startswith(ADJOINT):
            return self.instance.cost_by(name.removeprefix(ADJOINT), indices)
        width = f"{name}[{','.join(map(str, indices))}]"
        if width in self.instance.sizes and name not in known:
            return self.instance.size_node(width)
        return self.instance.entry(name, indices)

    def _named(self, f: t.Ref | t.Array, env: Env) -> Value:
        letters, body = self.named[f.name]
        if len(letters) != len(f.indices):
            raise IllFormed(f"{f.name} has {len(letters)} indices, not {len(f.indices)}")
        if f.name in self._open:
            raise IllFormed(f"{f.name} is defined by itself")
        self._open.append(f.name)
        try:
            inner = dict(zip(letters, (self.integer(i, env) for i in f.indices), strict=True))
            return self.of(body, inner)
        finally:
            self._open.pop()

    def array(self, f: t.Array, env: Env) -> Value:
        name = f.name.removeprefix(ADJOINT)
        if f.name in self.named and f.name not in self.instance.system.by_name:
            return self._named(f, env)
        q = self.instance.system.by_name.get(name)
        if q is None:
            raise IllFormed(f"'{name}' is not declared")
        head = tuple(self.integer(i, env) for i in f.indices)
        rest = len(q.axes) - len(head)
        if rest < 0 or rest > 2:
            raise NotUnderstood(f"{name} with {len(head)} indices is no vector or matrix")
        take = self.instance.cost_by if f.name.startswith(ADJOINT) else self.instance.entry
        if rest == 0:
            return take(name, head)
        if self.deep and any(axis.kind in DEEP for axis in q.axes[len(head) :]):
            self._refuse("all layers or times at once")
        a, b = self.instance.bounds(q, len(head), head)
        if rest == 1:
            cells_ = tuple(take(name, (*head, i)) for i in range(a, b + 1))
            return Arr(b - a + 1, 1, cells_, (self.instance.axis_key(q, len(head), head), ""))
        cells: list[Node] = []
        width = 0
        for i in range(a, b + 1):
            c, d = self.instance.bounds(q, len(head) + 1, (*head, i))
            width = d - c + 1
            cells.extend(take(name, (*head, i, j)) for j in range(c, d + 1))
        keys = (
            self.instance.axis_key(q, len(head), head),
            self.instance.axis_key(q, len(head) + 1, (*head, a)),
        )
        whole = Arr(b - a + 1, width, tuple(cells), keys)
        turn = (q.axes[-2].kind == "sample" and self.layout.samples == "columns") or (
            q.role == "weight" and self.layout.weights == "sender"
        )
        return whole.turned() if turn else whole

    def ones(self, f: t.Ones, env: Env) -> Value:
        n = self.integer(f.size, env)
        key = ""
        if self.instance.marks is not None and not isinstance(f.size, t.Num):
            key = self._size_name(f.size, env)
            if key in self.instance.marks.deep:
                self._refuse("all layers or times at once")
        return Arr(n, 1, (self.arena.one,) * n, (key, ""))

    def _size_name(self, f: t.Formula, env: Env) -> str:
        """The size that a formula names, in a marked instance; empty for a fixed one."""
        marks = self.instance.marks
        assert marks is not None
        name = ""
        if isinstance(f, t.Idx | t.Ref) and f.name not in env:
            name = f.name
            if isinstance(f, t.Ref) and f.indices:
                name += f"[{','.join(str(self.integer(i, env)) for i in f.indices)}]"
        if isinstance(f, t.Num):
            return ""
        if name not in self.instance.sizes:
            marks.refuse("a sum over part of an axis")
            return ""
        return name

    # --- arithmetic -----------------------------------------------------------------------------

    def neg(self, f: t.Neg, env: Env) -> Value:
        return self._each(self.arena.neg, self.of(f.body, env))

    def add(self, f: t.Add, env: Env) -> Value:
        values = [self.of(x, env) for x in f.terms]
        return self._together(values, self.arena.add, "added")

    def hadamard(self, f: t.Hadamard, env: Env) -> Value:
        values = [self.of(x, env) for x in f.factors]
        return self._together(values, self.arena.mul, "multiplied entry by entry")

    def mul(self, f: t.Mul, env: Env) -> Value:
        return self._product([self.of(x, env) for x in f.factors])

    def _product(self, values: list[Value]) -> Value:
        """Numbers times at most a chain of matrices."""
        numbers = [v for v in values if not isinstance(v, Arr)]
        arrays = [v for v in values if isinstance(v, Arr)]
        factor = self.arena.mul(numbers)
        if not arrays:
            return factor
        result: Arr = arrays[0]
        for nxt in arrays[1:]:
            if result.cols != nxt.rows:
                if (result.rows, result.cols) == (1, 1) or (nxt.rows, nxt.cols) == (1, 1):
                    one, many = (result, nxt) if result.rows * result.cols == 1 else (nxt, result)
                    scale = one.cells[0]
                    scaled = tuple(self.arena.mul((scale, c)) for c in many.cells)
                    result = Arr(many.rows, many.cols, scaled, many.keys)
                    continue
                raise IllFormed(f"shapes {result.shape} and {nxt.shape} cannot be multiplied")
            marks = self._marks(result.keys[1] or nxt.keys[0], nxt.rows)
            result = Arr(
                result.rows,
                nxt.cols,
                tuple(
                    self.arena.add(
                        self.arena.marked(self.arena.mul((result.at(i, k), nxt.at(k, j))), marks[k])
                        for k in range(nxt.rows)
                    )
                    for i in range(result.rows)
                    for j in range(nxt.cols)
                ),
                (result.keys[0], nxt.keys[1]),
            )
        if factor == self.arena.one:
            return result
        cells = tuple(self.arena.mul((factor, c)) for c in result.cells)
        return Arr(result.rows, result.cols, cells, result.keys)

    def _marks(self, key: str, count: int) -> list[tuple[Node, ...]]:
        """The marks of the terms of a sum over an axis."""
        marks = self.instance.marks
        if marks is None or not key:
            return [()] * count
        return [(marks.mark(key, i + 1),) for i in range(count)]

    def div(self, f: t.Div, env: Env) -> Value:
        top, bottom = self.of(f.num, env), self.scalar(f.den, env)
        try:
            inverse = self.arena.power(bottom, -1)
        except ZeroDivisionError:
            raise Undefined("a division by 0") from None
        return self._each(lambda c: self.arena.mul((c, inverse)), top)

    def pow(self, f: t.Pow, env: Env) -> Value:
        if isinstance(f.base, t.Norm) and f.exponent == t.Num("2"):
            value = self.of(f.base.body, env)
            if isinstance(value, Arr) and 1 in (value.rows, value.cols):
                return self.arena.add(self._squares(value))
        exponent = self.scalar(f.exponent, env)
        base = self.of(f.base, env)
        if isinstance(base, Arr) and (base.rows, base.cols) != (1, 1):
            raise NotUnderstood("a power of an array")
        one = base.cells[0] if isinstance(base, Arr) else base
        try:
            return self.arena.general_power(one, exponent)
        except ZeroDivisionError:
            raise Undefined("a division by 0") from None

    def call(self, f: t.Call, env: Env) -> Value:
        args = [self.of(a, env) for a in f.args]
        name = "log" if f.name == "ln" else f.name
        declared = name in self.instance.system.function_by_name
        if name == "softmax" and not declared and len(args) == 1 and isinstance(args[0], Arr):
            powers = self._each(self.arena.exp, args[0])
            assert isinstance(powers, Arr)
            marked = self._marks(powers.keys[0] or powers.keys[1], len(powers.cells))
            total = self.arena.add(
                self.arena.marked(c, m) for c, m in zip(powers.cells, marked, strict=True)
            )
            return self._each(lambda c: self.arena.div(c, total), powers)
        if name == "diag" and not declared and len(args) == 1:
            return self._diagonal(args[0])
        if name in ("max", "min") and len(args) > 1 and not declared:
            sign = 1 if name == "max" else -1
            return self._together(
                args, lambda many: self.arena.maximum(list(many), sign), "compared", spread=True
            )
        if len(args) != 1:
            raise NotUnderstood(f"{name} of {len(args)} arguments")
        if declared:
            return self._each(lambda c: self.instance.apply(name, f.primes, c), args[0])
        if f.primes:
            return self._each(lambda c: self._primed(name, f.primes, c), args[0])
        return self._each(self._known(name), args[0])

    def _diagonal(self, value: Value) -> Value:
        """The diagonal matrix of a column."""
        if not isinstance(value, Arr) or value.cols != 1:
            raise NotUnderstood("the diagonal matrix of something that is no column")
        n = value.rows
        cells = tuple(
            value.cells[i] if i == j else self.arena.zero for i in range(n) for j in range(n)
        )
        return Arr(n, n, cells, (value.keys[0], value.keys[0]))

    def _known(self, name: str) -> Callable[[Node], Node]:
        if name == "sqrt":
            return lambda c: self.arena.root(c, 2)
        if name not in _ONE:
            raise IllFormed(f"the function '{name}' is not declared")
        return getattr(self.arena, name)  # type: ignore[no-any-return]

    def _primed(self, name: str, primes: int, argument: Node) -> Node:
        from symbackprop.judging.tangent import local_gradient

        spot = self.arena.var(f"#{name}")
        value = self._known(name)(spot)
        for _ in range(primes):
            value = local_gradient(self.arena, value).get(spot, self.arena.zero)
        return self.arena.substitute(value, {spot: argument})

    def _each(self, change: Callable[[Node], Node], value: Value) -> Value:
        if isinstance(value, Arr):
            return Arr(value.rows, value.cols, tuple(change(c) for c in value.cells), value.keys)
        return change(value)

    def _together(
        self, values: list[Value], join: Callable[[Any], Node], what: str, spread: bool = False
    ) -> Value:
        """Entry by entry over equal shapes; a 1x1 array counts as a number."""
        arrays = [v for v in values if isinstance(v, Arr)]
        if not arrays:
            return join(values)
        big = [v for v in arrays if (v.rows, v.cols) != (1, 1)]
        if not big:
            one = join([v.cells[0] if isinstance(v, Arr) else v for v in values])
            return Arr(1, 1, (one,))
        first = big[0]
        for v in big[1:]:
            if (v.rows, v.cols) != (first.rows, first.cols):
                raise IllFormed(f"shapes {first.shape} and {v.shape} cannot be {what}")
        if len(big) < len(values) and what == "added" and not spread:
            small = [v for v in values if v not in big]
            if any(v != self.arena.zero for v in small):
                raise IllFormed(f"a number and an array of shape {first.shape} cannot be added")
        columns = []
        for value in values:
            if isinstance(value, Arr) and (value.rows, value.cols) != (1, 1):
                columns.append(value.cells)
            else:
                one = value.cells[0] if isinstance(value, Arr) else value
                columns.append((one,) * len(first.cells))
        cells = tuple(join(c) for c in zip(*columns, strict=True))
        keys = tuple(next((v.keys[k] for v in big if v.keys[k]), "") for k in (0, 1))
        return Arr(first.rows, first.cols, cells, (keys[0], keys[1]))

    # --- binders --------------------------------------------------------------------------------

    def _bodies(self, f: t.Sum | t.Prod, env: Env) -> list[tuple[Value, tuple[Node, ...]]]:
        """The terms, each with the mark of its index (in a marked instance)."""
        outer = {k: v for k, v in env.items() if k != f.index.name}
        key = self.letters.key(f.index.name, f.body, outer)
        layers = self.instance.marks is not None and key in self.instance.marks.deep
        if f.lower is not None and f.upper is not None:
            values = range(self.integer(f.lower, env), self.integer(f.upper, env) + 1)
            if self.instance.marks is not None and not layers:
                axis, key = key, self._size_name(f.upper, env)
                if (key and values.start != 1) or (axis and axis != key):
                    self._refuse("a sum over part of an axis")
        else:
            found = self.letters.of(f.index.name, f.body, outer)
            if found is None:
                raise NotUnderstood(f"no axis tells what the letter {f.index.name} runs over")
            if f.lower is not None:
                found = range(self.integer(f.lower, env), found.stop)
            if f.upper is not None:
                found = range(found.start, self.integer(f.upper, env) + 1)
            if not layers and (f.lower is not None or f.upper is not None):
                self._refuse("a sum over part of an axis")
            values = found
        if len(values) > MOST_TERMS:
            raise NotUnderstood("a sum or product of too many terms")
        marks = self.instance.marks
        terms: list[tuple[Value, tuple[Node, ...]]] = []
        for i in values:
            self.arena.clock.step()
            mark = (marks.mark(key, i),) if marks is not None and key else ()
            terms.append((self.of(f.body, {**env, f.index.name: i}), mark))
        return terms

    def sum(self, f: t.Sum, env: Env) -> Value:
        values = [
            self._each(lambda c, m=m: self.arena.marked(c, m), v) if m else v  # type: ignore[misc]
            for v, m in self._bodies(f, env)
        ]
        return self._together(values, self.arena.add, "added") if values else self.arena.zero

    def prod(self, f: t.Prod, env: Env) -> Value:
        self._refuse("a product over an axis")
        return self._product([v for v, _ in self._bodies(f, env)])

    # --- conditions -----------------------------------------------------------------------------

    def conditions(self, c: t.Formula, env: Env) -> tuple[Condition, ...] | None:
        """A chain of relations between numbers; None if it never holds."""
        if not isinstance(c, t.Chain):
            raise NotUnderstood("a condition that is no relation")
        found: list[Condition] = []
        values = [self._side(m, env) for m in c.members]
        for left, right, relation in zip(values, values[1:], c.relations, strict=False):
            if relation not in ("=", "!=", "<", "<=", ">", ">="):
                raise NotUnderstood(f"the condition '{relation}'")
            unit = self._compares_units(c)
            if unit and self.instance.marks is not None and self.instance.marks.counting:
                found.append(self.instance.marks.guard())
                continue
            gap = self.arena.sub(left, right)
            constant = self.arena.number(gap)
            if relation not in ("=", "!=") and unit:
                self._refuse("a condition on indices that is no equality")
            if constant is None:
                found.append((gap, relation))
            elif not holds(constant, relation):
                return None
        return tuple(found)

    def _compares_units(self, c: t.Chain) -> bool:
        """Whether a condition compares index letters, and not only those of layers or times."""
        if any(isinstance(n, t.Ref | t.Array) for n in c.walk()):
            return False
        letters = {n.name for n in c.walk() if isinstance(n, t.Idx)}
        return bool(letters) and not letters <= self.layers | self.deep

    def _side(self, f: t.Formula, env: Env) -> Node:
        """One side of a condition: an index formula or a number."""
        if any(isinstance(n, t.Idx) for n in f.walk()) and not any(
            isinstance(n, t.Ref | t.Array) for n in f.walk()
        ):
            return self.arena.num(self.integer(f, env))
        return self.scalar(f, env)

    def bracket(self, f: t.Bracket, env: Env) -> Value:
        conditions = self.conditions(f.condition, env)
        if conditions is None:
            return self.arena.zero
        return self.arena.piece([(conditions, self.arena.one), ((), self.arena.zero)])

    def cases(self, f: t.Cases, env: Env) -> Value:
        rows = []
        for value, condition in f.rows:
            conditions = () if condition is None else self.conditions(condition, env)
            if conditions is not None:
                rows.append((conditions, self.scalar(value, env)))
                if not conditions:
                    break
        return self.arena.piece(rows)

    # --- arrays ---------------------------------------------------------------------------------

    def matmul(self, f: t.MatMul, env: Env) -> Value:
        return self._product([self.of(x, env) for x in f.factors])

    def transpose(self, f: t.Transpose, env: Env) -> Value:
        value = self.of(f.body, env)
        return value.turned() if isinstance(value, Arr) else value

    def matrix(self, f: t.Matrix, env: Env) -> Value:
        if not f.rows or any(len(r) != len(f.rows[0]) for r in f.rows):
            raise IllFormed("the rows of a matrix differ in length")
        cells = tuple(self.scalar(c, env) for r in f.rows for c in r)
        return Arr(len(f.rows), len(f.rows[0]), cells)

    def norm(self, f: t.Norm, env: Env) -> Value:
        value = self.of(f.body, env)
        if not isinstance(value, Arr):
            return self.arena.abs(value)
        if 1 not in (value.rows, value.cols):
            self._refuse("the norm of a matrix")
        return self.arena.root(self.arena.add(self._squares(value)), 2)

    def _squares(self, value: Arr) -> list[Node]:
        """The squares of the entries of a vector, marked."""
        marked = self._marks(value.keys[0] or value.keys[1], len(value.cells))
        return [
            self.arena.marked(self.arena.power(c, 2), m)
            for c, m in zip(value.cells, marked, strict=True)
        ]

    # --- derivatives ----------------------------------------------------------------------------

    def deriv(self, f: t.Deriv, env: Env) -> Value:
        return self._derivative(f.of, f.by, env)

    def grad(self, f: t.Grad, env: Env) -> Value:
        return self._derivative(f.of, f.by, env)

    def _derivative(self, of: t.Formula, by: t.Formula, env: Env) -> Value:
        """d of / d by: `by` must be an entry or a whole array of the system."""
        if not isinstance(by, t.Ref | t.Array) or by.name.startswith(ADJOINT):
            raise NotUnderstood("a derivative by something that is not a quantity")
        if by.name in self.named and by.name not in self.instance.system.by_name:
            raise NotUnderstood(f"a derivative by {by.name}, which is only a name for a formula")
        target = self.of(by, env)
        for v in target.cells if isinstance(target, Arr) else (target,):
            if self.arena.op[v] != "var":
                raise NotUnderstood("a derivative by something that is not a quantity")
        value = self.of(of, env)
        total = self.instance.total
        if not isinstance(value, Arr):
            return self._each(lambda v: total(value, v), target)
        if not isinstance(target, Arr):
            return self._each(lambda c: total(c, target), value)
        if (value.rows, value.cols) == (1, 1):
            return self._each(lambda v: total(value.cells[0], v), target)
        if value.cols == 1 and target.cols == 1:
            cells = tuple(total(c, v) for c in value.cells for v in target.cells)
            return Arr(value.rows, target.rows, cells, (value.keys[0], target.keys[0]))
        raise NotUnderstood("the derivative of an array by a matrix has no agreed shape")


_HANDLERS: dict[type[t.Formula], Callable[[Meaning, Any, Env], Value]] = {
    t.Opaque: Meaning.opaque,
    t.Num: Meaning.num,
    t.Sym: Meaning.sym,
    t.Idx: Meaning.idx,
    t.Ref: Meaning.ref,
    t.Array: Meaning.array,
    t.Ones: Meaning.ones,
    t.Neg: Meaning.neg,
    t.Add: Meaning.add,
    t.Mul: Meaning.mul,
    t.Div: Meaning.div,
    t.Pow: Meaning.pow,
    t.Call: Meaning.call,
    t.Sum: Meaning.sum,
    t.Prod: Meaning.prod,
    t.Bracket: Meaning.bracket,
    t.Cases: Meaning.cases,
    t.Norm: Meaning.norm,
    t.Deriv: Meaning.deriv,
    t.Grad: Meaning.grad,
    t.MatMul: Meaning.matmul,
    t.Hadamard: Meaning.hadamard,
    t.Transpose: Meaning.transpose,
    t.Matrix: Meaning.matrix,
}

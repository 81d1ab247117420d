"""What names, numbers and index letters mean at concrete sizes."""

from __future__ import annotations

from collections.abc import Mapping

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Node
from symbackprop.judging.instance import Instance
from symbackprop.judging.ladder import DEEP
from symbackprop.judging.letters import Letters, integer
from symbackprop.judging.problems import IllFormed, NotUnderstood
from symbackprop.judging.values import Arr, Env, Layout, Value
from symbackprop.system.model import ADJOINT

PI = t.Sym("pi")
"""The number pi, where no quantity has that name."""


class Leaves:
    """The ground of `Meaning`: one instance, and the values of what stands in it by name."""

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
        """The value of any formula; `Meaning` knows all kinds of node."""
        raise NotImplementedError

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

    def _column(self, f: t.Array, letter: str, body: t.Formula, env: Env) -> Value:
        """The vector `D` where only its entries are named: `D_i = …`, over all i that the formula has."""
        head = dict(
            zip(self.named[f.name][0], (self.integer(i, env) for i in f.indices), strict=False)
        )
        letters = Letters(self.instance, {})
        values = letters.of(letter, body, head)
        if values is None:
            raise NotUnderstood(f"no axis tells how many entries {f.name} has")
        key = letters.key(letter, body, head)
        if key and key in self.deep:
            self._refuse("all layers or times at once")
        if any(isinstance(n, t.Bracket | t.Cases) for n in body.walk()):
            self._refuse("conditions in the entries of a vector")
        found = [self._named(t.Ref(f.name, (*f.indices, t.Num(str(i)))), env) for i in values]
        if any(isinstance(x, Arr) for x in found):
            raise IllFormed(f"an entry of {f.name} is an array")
        return Arr(len(found), 1, tuple(x for x in found if not isinstance(x, Arr)), (key, ""))

    def array(self, f: t.Array, env: Env) -> Value:
        name = f.name.removeprefix(ADJOINT)
        if f.name in self.named and f.name not in self.instance.system.by_name:
            letters, body = self.named[f.name]
            if len(letters) == len(f.indices) + 1:
                return self._column(f, letters[-1], body, env)
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

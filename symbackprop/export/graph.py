"""Array operations in single-assignment form; equal operations are one node.

A node has no letters any more, only dimensions. Views (transpose, slice, new axes) own no memory;
`root` is the node whose memory a view shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp

Dims = tuple[sp.Expr, ...]

VIEWS = ("transpose", "expand", "slice", "broadcast", "reshape")
LEAVES = ("array", "number", "scalar", "scalar_constant", "stored")


@dataclass(eq=False, slots=True)
class Node:
    """One array operation.

    op    'array' 'number' 'scalar' 'stored' | a view | 'ew' 'matmul' 'vdot' 'tensordot' 'einsum'
          'reduce' 'iota' 'gather'
    attrs what the operation needs beyond its operands (a function name, axes, an einsum text)
    kind  'float', 'bool' or 'int'
    depth how many loops it stands in
    """

    op: str
    args: tuple[Node, ...]
    attrs: tuple[Any, ...]
    dims: Dims
    kind: str = "float"
    depth: int = 0

    @property
    def root(self) -> Node:
        node = self
        while node.op in VIEWS:
            node = node.args[0]
        return node

    @property
    def rank(self) -> int:
        return len(self.dims)


@dataclass(slots=True)
class Bind:
    """The name `name` now stands for a node (a whole array, or one step's part inside a loop)."""

    name: str
    node: Node
    note: str


@dataclass(slots=True)
class Allocate:
    """An empty array that is filled by `Store`."""

    name: str
    dims: Dims


@dataclass(slots=True)
class Store:
    """name[index] = node; `index` as the attrs of a 'slice' node."""

    name: str
    index: tuple[Any, ...]
    node: Node
    note: str


@dataclass(slots=True)
class For:
    """A loop over one letter; each member has the part of the loop in which it runs."""

    letter: str
    lower: sp.Expr
    upper: sp.Expr
    descending: bool
    body: list[Member]


@dataclass(slots=True)
class Member:
    """Instructions of a loop body that run from `lower` to `upper`; None: always."""

    lower: sp.Expr | None
    upper: sp.Expr | None
    code: list[Instruction]


Instruction = Bind | Allocate | Store | For


@dataclass
class Graph:
    """Nodes made so far, by content; one table for each loop that is open."""

    tables: list[dict[tuple[Any, ...], Node]] = field(default_factory=lambda: [{}])

    def make(
        self,
        op: str,
        args: tuple[Node, ...] = (),
        attrs: tuple[Any, ...] = (),
        dims: Dims = (),
        kind: str = "float",
    ) -> Node:
        """The node with this content, made if there is none yet."""
        key = (op, tuple(id(a) for a in args), attrs)
        for table in self.tables:
            if key in table:
                return table[key]
        node = Node(op, args, attrs, dims, kind, len(self.tables) - 1)
        self.tables[-1][key] = node
        return node

    def open(self) -> None:
        self.tables.append({})

    def close(self) -> None:
        self.tables.pop()

    # --- shorthands --------------------------------------------------------------------------

    def number(self, value: sp.Expr) -> Node:
        return self.make("number", (), (value,))

    def transpose(self, node: Node, order: tuple[int, ...]) -> Node:
        if order == tuple(range(node.rank)):
            return node
        if node.op == "transpose":
            inner = node.attrs[0]
            return self.transpose(node.args[0], tuple(inner[p] for p in order))
        dims = tuple(node.dims[p] for p in order)
        return self.make("transpose", (node,), (order,), dims, node.kind)

    def expand(self, node: Node, pattern: tuple[bool, ...]) -> Node:
        """New axes of length 1 where the pattern is False; leading ones are left to broadcasting."""
        while pattern and not pattern[0]:
            pattern = pattern[1:]
        if all(pattern):
            return node
        own = iter(node.dims)
        dims = tuple(next(own) if keep else sp.Integer(1) for keep in pattern)
        return self.make("expand", (node,), (pattern,), dims, node.kind)

    def ew(self, name: str, *args: Node, kind: str = "float") -> Node:
        rank = max((a.rank for a in args), default=0)
        dims: list[sp.Expr] = []
        for place in range(rank):
            found: sp.Expr = sp.Integer(1)
            for a in args:
                k = place - (rank - a.rank)
                if k >= 0 and a.dims[k] != 1:
                    found = a.dims[k]
            dims.append(found)
        return self.make("ew", args, (name,), tuple(dims), kind)

    def reduce(self, how: str, node: Node, axes: tuple[int, ...]) -> Node:
        if not axes:
            return node
        dims = tuple(d for i, d in enumerate(node.dims) if i not in axes)
        return self.make("reduce", (node,), (how, axes), dims)

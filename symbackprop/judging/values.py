"""Values of formulas: numbers (nodes of the arena) and arrays of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbackprop.judging.arena import Node


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

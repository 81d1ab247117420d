"""What is known of the names of a System that is being built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symbackprop.system.model import Fact, Function
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.entries import Entries
from symbackprop.verifying.systems.shapes import Shape, Sizes

LETTERS = tuple(f"e{k}" for k in range(1, 8))
"""Letters for the axes of arrays that the text writes without indices: no text has these names."""


@dataclass(slots=True)
class Builder:
    """Builds Systems over one resolver's names.

    arity       indices of every name in full (written ones and those left open)
    beside      definitions that are no part of the System, and tell where layers begin
    more_sizes  sizes that only a claim mentions: the m of `w <- w - eta D / m`
    carried     names of layers that follow from what the first layer starts with
    columns     samples are the columns of matrices: a bias is added to each column
    given       what the text differentiates its undefined cost by
    said        entries of arrays with the ranges of their letters, where the text gives shapes
    own_last    names whose last layer has an equation of its own
    layers      (first layer, name of the last) of names whose first axis recurs; widths vary if so
    """

    arity: Mapping[str, int]
    size_names: frozenset[str]
    functions: tuple[Function, ...]
    facts: Mapping[str, frozenset[Fact]] = field(default_factory=dict)
    by_layer: frozenset[str] = frozenset()
    by_time: frozenset[str] = frozenset()
    first: int = 1
    last: str = "L"
    last_time: str = "T"
    row_vectors: frozenset[str] = frozenset()
    widths: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)
    single: set[tuple[str, int]] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    settled: set[tuple[str, int]] = field(default_factory=set)
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    peers: dict[str, tuple[str, int]] = field(default_factory=dict)
    fixed_sizes: Mapping[str, int] = field(default_factory=dict)
    columns: bool = False
    more_sizes: tuple[str, ...] = ()
    beside: tuple[Definition, ...] = ()
    said: tuple[Shape, ...] = ()
    given: frozenset[str] = frozenset()
    own_last: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()

    def entries(self) -> Entries:
        return Entries(
            lambda a: self.arity.get(a.name, 0) - len(a.indices),
            lambda a: frozenset({0}) if a.name in self.row_vectors else frozenset(),
            self.columns,
        )

"""A small network with numbers for a general one: sizes, a usual function for an abstract one, values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from symbackprop.networks.activations import activation
from symbackprop.system.instantiate import with_sizes
from symbackprop.system.model import Function, System
from symbackprop.system.values import completed, default_values

STAND_IN = "sigmoid"
"""What an abstract activation is in the example with numbers."""


@dataclass(frozen=True)
class Example:
    """sizes: (name, number or list) of what was symbolic; stand_ins: functions that were abstract."""

    system: System
    values: Mapping[str, Any]
    sizes: tuple[tuple[str, Any], ...]
    stand_ins: tuple[str, ...]


def example(system: System) -> Example:
    """The system at small sizes, with values. Raises TooLarge for too many numbers."""
    _, sizes = completed(system)
    small = with_sizes(system, sizes) if sizes else system
    stand_ins = tuple(f.name for f in small.functions if f.expression is None)
    if stand_ins:
        usual = activation(STAND_IN).function()
        small = replace(
            small,
            functions=tuple(
                Function(f.name, usual.variable, usual.expression, usual.constants, usual.facts)
                if f.expression is None
                else f
                for f in small.functions
            ),
        )
    return Example(small, default_values(small), tuple(sizes.items()), stand_ins)

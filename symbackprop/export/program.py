"""The program: scalar statements over index letters, in an order in which they can be run.

    z1[n,j] = sum(k=1..2, W1[j,k]*x[n,k]) + b1[j]      for n = 1..m, j = 1..2

It is the forward pass and the adjoint System after lowering: saturating forms made stable, slopes
written in terms of values that are there already, recurrences turned into loops. Array targets
vectorise a statement (see `vectorise`); C prints it as a loop nest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import sympy as sp

from symbackprop.system.model import Quantity, System

Range = tuple[sp.Symbol, sp.Expr, sp.Expr]


@dataclass(frozen=True, slots=True)
class Array:
    """A named array of the program.

    bounds   (lower, upper) of each axis, both included
    role     a quantity role, or 'adjoint', 'temporary'
    stored   the order in which the axes are stored, as positions (sender-first weights are (1, 0))
    """

    name: str
    bounds: tuple[tuple[sp.Expr, sp.Expr], ...]
    role: str
    stored: tuple[int, ...] = ()

    @property
    def counts(self) -> tuple[sp.Expr, ...]:
        """Entries along each axis, in storage order."""
        counts = tuple(sp.expand(upper - lower + 1) for lower, upper in self.bounds)
        return tuple(counts[p] for p in self.stored) if self.stored else counts


@dataclass(frozen=True, slots=True)
class Statement:
    """target[indices] = rhs for all values of the letters in `ranges`; `note` is its equation."""

    target: str
    indices: tuple[sp.Expr, ...]
    ranges: tuple[Range, ...]
    rhs: sp.Expr
    note: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """The body for each value of `letter`, in descending order where a recurrence runs backwards."""

    letter: sp.Symbol
    lower: sp.Expr
    upper: sp.Expr
    descending: bool
    body: tuple[Guarded, ...]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A statement (or loop) of a loop's body, with the part of the loop in which it runs."""

    lower: sp.Expr
    upper: sp.Expr
    step: Statement | Loop


Step = Statement | Loop


@dataclass(frozen=True)
class Program:
    """All arrays and the two parts: `forward` up to the cost, `backward` down to the gradients;
    `backward_to_inputs` goes on to the derivatives by the inputs (for automatic differentiation).

    system      what the caller asked for; `batched` the same over m samples
    parameters, inputs, targets   in the order of the system
    constants   values of the constants (decay factor, slopes)
    runtime     symbolic sizes that the shapes of inputs tell: (name, array, axis)
    families    the names of the layers that a family was written out to
    """

    system: System
    batched: System
    arrays: dict[str, Array]
    forward: tuple[Step, ...]
    backward: tuple[Step, ...]
    backward_to_inputs: tuple[Step, ...]
    constants: dict[str, float]
    runtime: tuple[tuple[str, str, int], ...]
    sender_first: bool = False
    families: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def parameters(self) -> tuple[Quantity, ...]:
        return self.batched.parameters

    @property
    def inputs(self) -> tuple[Quantity, ...]:
        return self.batched.inputs

    @property
    def targets(self) -> tuple[Quantity, ...]:
        return self.batched.targets

    @property
    def cost(self) -> str:
        return self.batched.cost


def statements(steps: tuple[Step, ...]) -> Iterator[Statement]:
    """All statements, those in loops included, in order."""
    for step in steps:
        if isinstance(step, Statement):
            yield step
        else:
            yield from statements(tuple(g.step for g in step.body))

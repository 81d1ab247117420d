"""Lowering: a System and its adjoint System become one Program.

sizes put in, layers written out  ->  samples added  ->  logs of saturating values unfolded
->  reverse sweep  ->  slopes in terms of values that are there, stable primitives
->  what nobody needs left out  ->  order, loops for recurrences
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symbackprop.errors import SpecError, printable
from symbackprop.export.instantiate import instantiate
from symbackprop.export.program import Program, Statement
from symbackprop.export.rewrite import Rewriting
from symbackprop.export.samples import with_samples
from symbackprop.export.schedule import needed, schedule
from symbackprop.export.sizes import constants, fixed_sizes, runtime_sizes
from symbackprop.export.stable import unfold_logs
from symbackprop.system.model import ADJOINT, System

WEIGHT_ORDERS = ("receiver-first", "sender-first")


def lower(
    system: System,
    sizes: Mapping[str, Any] | None = None,
    weights: str = "receiver-first",
    by_inputs: bool = False,
    notes: bool = True,
) -> Program:
    """The program that computes the cost and its gradient by all parameters (and by the inputs).

    `notes`: whether statements carry their equation as text.

    Raises UnsupportedForm for a system with no array form, SpecError for a missing size.
    """
    if weights not in WEIGHT_ORDERS:
        raise SpecError(
            f"unknown order of weights '{printable(weights)}'",
            hint=f"one of {', '.join(WEIGHT_ORDERS)}",
        )
    fixed = fixed_sizes(system, sizes or {})
    concrete, families = instantiate(system, fixed)
    batched = with_samples(concrete)
    computed = unfolded(batched)
    rules, arrays = Rewriting(computed, batched, notes).run()
    arrays = {
        name: replace(a, stored=(1, 0)) if _flipped(batched, name, weights) else a
        for name, a in arrays.items()
    }
    gradients = [ADJOINT + p.name for p in batched.parameters]
    of_inputs = [ADJOINT + q.name for q in batched.inputs]
    return Program(
        system,
        batched,
        arrays,
        schedule(_part(rules, [batched.cost])),
        schedule(_part(rules, gradients, [batched.cost])),
        schedule(_part(rules, [*gradients, *of_inputs], [batched.cost])) if by_inputs else (),
        constants(batched),
        runtime_sizes(batched),
        weights == "sender-first",
        families,
    )


def _flipped(system: System, name: str, weights: str) -> bool:
    if weights != "sender-first":
        return False
    q = system.by_name.get(name.removeprefix(ADJOINT))
    return q is not None and q.role == "weight" and len(q.axes) == 2


def unfolded(system: System) -> System:
    """The same system with log(a) written in terms of what a is the logistic or softmax of."""
    equations = tuple(replace(e, rhs=unfold_logs(system, e.rhs)) for e in system.equations)
    return system if equations == system.equations else replace(system, equations=equations)


def _part(
    rules: Sequence[Statement], names: Sequence[str], done: Sequence[str] = ()
) -> list[Statement]:
    """What the named quantities need, beyond what those that are done needed."""
    before = needed(rules, done)
    return [rules[i] for i in sorted(needed(rules, names) - before)]

"""The neuron view from beginning to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symbackprop.derivation.graph import build
from symbackprop.derivation.neuron import hidden, local, output, setting, summary
from symbackprop.derivation.neuron import numbers as with_numbers
from symbackprop.derivation.neuron.sums import explicit
from symbackprop.derivation.neuron.tale import Options, Tale
from symbackprop.derivation.steps import Section
from symbackprop.formula.tree import Formula, Ref
from symbackprop.system.model import System


def tale_of(one: System, options: Options) -> Tale:
    """The network written out, for all sections. Raises UnsupportedForm, TooLarge."""
    return Tale(build(one), options)


def narrate(tale: Tale) -> tuple[Section, ...]:
    """All sections of the neuron view but the numbers."""
    first = None
    if tale.depth == 2:
        first = explicit(tale, tale.weights(1)[0])
    return (
        setting.result(tale, output.explicit(tale, tale.weights(tale.depth)[0]), first),
        setting.forward(tale),
        setting.cost(tale),
        setting.need(tale),
        local.section(tale),
        output.section(tale),
        *hidden.sections(tale),
        *_parts(tale),
        summary.table(tale),
        summary.algorithm(tale),
    )


def all_derivatives(tale: Tale) -> dict[Ref, Formula]:
    """dJ/dw of every parameter in terms of the errors: what the table of the document shows."""
    found = tale.graph.with_role("weight", "bias", "parameter")
    return {p: output.gradient_row(tale, p).members[-1] for p in found}


def _parts(tale: Tale) -> tuple[Section, ...]:
    """The route over the parts of the cost, where the book has a letter for them."""
    if not tale.options.cost_parts or tale.is_softmax:
        return ()
    from symbackprop.derivation.neuron import parts

    found = parts.section(tale)
    return () if found is None else (found,)


def numbers(tale: Tale, given: Mapping[str, Any]) -> list[Section]:
    """The section of numbers; `given`: values, rate, digits, frozen (see `numbers.section`)."""
    return [with_numbers.section(tale, **given)]

"""The neuron view from beginning to end."""

from __future__ import annotations


from symbackprop.derivation.graph import Graph
from symbackprop.derivation.neuron import hidden, local, output, setting, summary
from symbackprop.derivation.neuron.tale import Options, Tale
from symbackprop.derivation.steps import Section


def narrate(graph: Graph, options: Options) -> tuple[Section, ...]:
    """All sections of the neuron view but the numbers."""
    tale = Tale(graph, options)
    first = None
    if tale.depth == 2:
        first = hidden.explicit(tale, tale.weights(1)[0])
    return (
        setting.result(tale, output.explicit(tale, tale.weights(tale.depth)[0]), first),
        setting.forward(tale),
        setting.cost(tale),
        setting.need(tale),
        local.section(tale),
        output.section(tale),
        *hidden.sections(tale),
        summary.table(tale),
        summary.algorithm(tale),
    )



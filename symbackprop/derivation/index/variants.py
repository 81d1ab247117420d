"""What f' is when an abstract activation is one of the usual functions."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.derivation.functions import WrittenFunction
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.steps import Section, Step, statement
from symbackprop.formula.tree import Call
from symbackprop.networks.activations import activation
from symbackprop.system.model import Function, System

USUAL = ("sigmoid", "tanh")


def sections(one: System, net: Layers) -> tuple[Section, ...]:
    """One section for each usual function, judged in the network with that function."""
    if len(one.functions) != 1 or one.functions[0].expression is not None:
        return ()
    return tuple(_section(one, net, name) for name in USUAL)


def _section(one: System, net: Layers, name: str) -> Section:
    abstract = one.functions[0].name
    usual = activation(name).function()
    function = Function(
        abstract, usual.variable, usual.expression, usual.constants, usual.facts, usual.kinks
    )
    system = replace(one, functions=(function,))
    written = WrittenFunction(function, system)
    j = net.letter(0)
    z, a = net.z(net.layer, j), net.a(net.layer, j)
    call = Call(abstract, (z,))
    by_value = written.slope_by_value(call, z)
    in_a = written.slope_by_value(a, z)
    assert by_value is not None
    assert in_a is not None
    about = {"function": name, "a": a, "z": z}
    rows = (
        statement(a, call, written.definition(z)),
        statement(Call(abstract, (z,), 1), written.slope_written(z), by_value, in_a),
    )
    step = Step("rewrite", rows, topic="variant", about=about)
    return Section("variant", (step,), about, system)

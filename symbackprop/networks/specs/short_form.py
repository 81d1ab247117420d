"""The short form of a spec: `sizes`, `activation`, … are the options of the builders."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from symbackprop.errors import SymbackpropError, UnknownName
from symbackprop.networks.specs.file import Problems
from symbackprop.networks.specs.given_values import values_of
from symbackprop.system.model import System
from symbackprop.system.values import misfit, sizes_of_values


def builder_system(checked: Any, name: str, problems: Problems) -> System:
    """`mlp(sizes, ...)`, or `generic_mlp` where `depth` is given. Raises what `problems` holds."""
    from symbackprop.networks import generic_mlp, mlp

    options = _options(checked, problems)
    problems.stop()
    try:
        if checked.depth is not None:
            system = generic_mlp(depth=checked.depth, name=name, **options)
        else:
            system = mlp(checked.sizes, name=name, **options)
    except SymbackpropError as error:
        error.place = error.place or problems.source.at(_guilty(error, checked), True)
        raise
    values = dict(system.values)
    values.update(values_of(checked, system.by_name, problems))
    if isinstance(checked.weight_decay, int | float) and not isinstance(checked.weight_decay, bool):
        values["lambda"] = checked.weight_decay
    sizes = sizes_of_values(SimpleNamespace(quantities=system.quantities, values=values))
    for value_name, value in values.items():
        if value_name in system.by_name:
            problem = misfit(system[value_name].axes, value, sizes, {}, value_name)
            if problem:
                problems.at(("values", value_name), problem)
    problems.stop()
    return replace(system, values=values)


def _options(checked: Any, problems: Problems) -> dict[str, Any]:
    """The options that are given, each name looked up in its registry."""
    from symbackprop.networks import ACTIVATIONS, COSTS
    from symbackprop.networks.builtins import one_line
    from symbackprop.networks.parts import BIASES, size_of

    options: dict[str, Any] = {}
    for key in ("activation", "output_activation"):
        given = getattr(checked, key)
        if given is None:
            continue
        several = isinstance(given, list)
        for number, name in enumerate(given if several else [given]):
            if name.replace("_", "-").lower() not in ACTIVATIONS:
                path = (key, number) if several else (key,)
                problems.unknown(path, "activation", name, ACTIVATIONS)
        options[key] = given
    if checked.cost is not None:
        if checked.cost.replace("_", "-").lower() not in COSTS:
            problems.unknown(("cost",), "cost", checked.cost, COSTS)
        options["cost"] = checked.cost
    if checked.bias is not None:
        if checked.bias not in BIASES:
            problems.unknown(("bias",), "bias", checked.bias, BIASES)
        options["bias"] = checked.bias
    if checked.reduction is not None:
        if checked.reduction not in ("sum", "mean"):
            problems.unknown(("reduction",), "reduction", checked.reduction, ("sum", "mean"))
        options["reduction"] = checked.reduction
    if checked.samples is not None:
        _size(("samples",), checked.samples, size_of, problems)
        options["samples"] = checked.samples
    if checked.weight_decay is not None:
        options["weight_decay"] = checked.weight_decay is not False
    if checked.depth is not None:
        _size(("depth",), checked.depth, size_of, problems)
        if checked.sizes is not None:
            problems.at(("depth",), "a network has sizes, or a symbolic depth, not both")
        if isinstance(options.get("activation"), list):
            problems.at(("activation",), "a network of any depth has one activation")
    elif checked.sizes is None:
        problems.at((), "the key 'sizes' is missing", "for example sizes = [2, 2, 2]")
    elif isinstance(checked.sizes, str):
        try:
            checked.sizes = list(one_line(checked.sizes))
        except (ValueError, SymbackpropError):
            problems.at(("sizes",), 'sizes are written [2, 2, 2] or "2-2-2"')
        else:
            for size in checked.sizes:
                _size(("sizes",), size, size_of, problems)
    else:
        for number, size in enumerate(checked.sizes):
            _size(("sizes", number), size, size_of, problems)
        if len(checked.sizes) < 2:
            problems.at(("sizes",), "at least two sizes are needed: inputs and outputs")
    return options


def _size(path: Any, given: Any, size_of: Any, problems: Problems) -> None:
    try:
        size_of(given, "a size")
    except SymbackpropError as error:
        problems.at(path, error.message, error.hint)


def _guilty(error: SymbackpropError, checked: Any) -> tuple[str, ...]:
    """The key that an error of a builder is most likely about."""
    if isinstance(error, UnknownName):
        return ()
    for key in ("output_activation", "cost", "activation", "sizes"):
        if getattr(checked, key) is not None and (
            key != "output_activation" or "output" in error.message
        ):
            return (key,)
    return ()

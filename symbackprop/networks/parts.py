"""What the builders share: sizes, letters, softmax, decay, functions in use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

import sympy as sp

from symbackprop.errors import SpecError, printable
from symbackprop.networks.activations import Activation
from symbackprop.networks.costs import Cost
from symbackprop.system.model import Axis, Function, Quantity, entry, index, size

Size: TypeAlias = int | str | sp.Expr
J, K, N, R, LAYER = index("j"), index("k"), index("n"), index("r"), index("l")
"""Receiver, sender, sample, bound letter of a softmax, layer."""

BIASES = ("unit", "layer", "none")
DECAY = "lambda"
DECAY_DEFAULT = 0.01
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}\Z")


def size_of(given: Size, what: str) -> sp.Expr:
    """A size as SymPy: an integer of at least 1, or a symbol. Raises SpecError."""
    if isinstance(given, sp.Expr):
        if given.is_Integer and given < 1:
            raise SpecError(f"{what} must be at least 1, not {given}")
        return given
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise SpecError(f"{what} must be a whole number or a name, not {printable(repr(given))}")
    if isinstance(given, int):
        if given < 1:
            raise SpecError(f"{what} must be at least 1, not {printable(str(given))}")
        return sp.Integer(given)
    if given.isdecimal():
        return size_of(int(given[:40]), what)
    if not _NAME.match(given):
        raise SpecError(
            f"{what} '{printable(given)}' is neither a whole number nor a name",
            hint="a name has letters, digits and underscores, and begins with a letter",
        )
    return size(given)


def symbolic_sizes(*sizes: sp.Expr | None) -> tuple[sp.Symbol, ...]:
    """The symbols among the sizes, each once, in order."""
    return tuple(dict.fromkeys(s for s in sizes if isinstance(s, sp.Symbol)))


def sample_axis(samples: sp.Expr) -> Axis:
    return Axis(N, samples, kind="sample", space="samples")


def softmax(at: Any, j: sp.Symbol, count: sp.Expr) -> sp.Expr:
    """exp(q[j]) / sum over r of exp(q[r]), where `at(letter)` is the entry q[letter]."""
    return sp.exp(at(j)) / sp.Sum(sp.exp(at(R)), (R, 1, count))


def over_samples(total: sp.Expr, samples: sp.Expr | None, reduction: str) -> sp.Expr:
    """The cost of one sample, summed or averaged over the sample axis."""
    if samples is None:
        return total
    summed = sp.Sum(total, (N, 1, samples))
    return summed / samples if reduction == "mean" else summed


def reduction_of(reduction: str | None, samples: Size | None) -> tuple[str, sp.Expr | None]:
    """(over_samples, number of samples or None). A reduction alone means m samples.

    Raises SpecError for an unknown reduction.
    """
    if reduction not in (None, "sum", "mean"):
        raise SpecError(f"unknown reduction '{printable(str(reduction))}'", hint="known: sum, mean")
    if samples is None and reduction is None:
        return "", None
    count = size_of("m" if samples is None else samples, "the number of samples")
    return reduction or "sum", count


def bias_of(bias: str) -> str:
    if bias not in BIASES:
        raise SpecError(
            f"unknown bias '{printable(str(bias))}'",
            hint="known: unit (one for each neuron), layer (shared by a layer), none",
        )
    return bias


def functions_in(activations: Iterable[Activation]) -> tuple[Function, ...]:
    """The functions in use, each once; the identity is none. Raises SpecError for two of a name."""
    found: dict[str, Function] = {}
    for row in activations:
        if row.is_identity:
            continue
        function = row.function()
        if found.setdefault(function.name, function) != function:
            raise SpecError(f"two different activations are called '{row.name}'")
    return tuple(found.values())


def constants_in(
    activations: Iterable[Activation], cost: Cost | None, weight_decay: bool
) -> tuple[tuple[Quantity, ...], dict[str, float]]:
    """The constant quantities (slopes, thresholds, decay factor) and their default values."""
    defaults: dict[str, float] = {}
    meaning: dict[str, str] = {}
    for row in activations:
        for name, value in row.constants.items():
            if defaults.setdefault(name, value) != value:
                raise SpecError(f"the constant '{name}' has two default values")
            meaning[name] = f"constant of {row.name}"
    if cost is not None:
        for name, value in cost.constants.items():
            if name in defaults:
                raise SpecError(f"the constant '{name}' is used by an activation and by the cost")
            defaults[name] = value
            meaning[name] = f"constant of {cost.name}"
    if weight_decay:
        defaults[DECAY] = DECAY_DEFAULT
        meaning[DECAY] = "weight decay factor"
    quantities = tuple(Quantity(name, "constant", meaning=meaning[name]) for name in defaults)
    return quantities, defaults


def decay_term(squares: Iterable[sp.Expr]) -> sp.Expr:
    """lambda/2 times the sum of all squared weights."""
    return entry(DECAY) / 2 * sp.Add(*squares)


def default_cost(output: Activation) -> str:
    """bce where the outputs are known to lie in (0, 1), else half-sse."""
    return "bce" if any(f.kind == "in (0,1)" for f in output.facts) else "half-sse"

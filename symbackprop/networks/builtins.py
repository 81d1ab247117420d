"""The networks that come with the package, and `find`: from a text to a System.

A text is the name of a built-in, a one-line size list (`2-2-2`), or the path of a TOML file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from symbackprop.errors import SpecError, UnknownName, printable
from symbackprop.networks.activations import Activation
from symbackprop.networks.costs import Cost
from symbackprop.networks.generic import generic_mlp
from symbackprop.networks.mlp import mlp, neuron, softmax_regression
from symbackprop.networks.recurrent import elman
from symbackprop.networks.skip import residual
from symbackprop.system.model import System
from symbackprop.system.values import RATE


@dataclass(frozen=True, slots=True)
class Builtin:
    """name, builder, notation: the notation that the network is printed in by default."""

    name: str
    build: Callable[[], System]
    notation: str = "default"
    values: Mapping[str, Any] = field(default_factory=dict)


SIGMA = Activation("sigma", None, range="unknown")
"""The abstract activation of Nielsen's book."""

_CHANG = {
    "x": [1.0, 0.5],
    "W1": [[0.1, 0.4], [0.3, -0.5]],
    "b1": [-0.2, 0.1],
    "W2": [[0.7, -0.6], [-0.3, 0.8]],
    "b2": [0.2, -0.1],
    "y": [1.0, 0.0],
    RATE: 0.5,
}
_CHANG_NEURON = {"x": [1.0, 0.5], "W1": [[0.1, 0.4]], "b1": [-0.2], "y": [1.0], RATE: 0.5}
_MAZUR = {
    "x": [0.05, 0.10],
    "W1": [[0.15, 0.20], [0.25, 0.30]],
    "b1": 0.35,
    "W2": [[0.40, 0.45], [0.50, 0.55]],
    "b2": 0.60,
    "y": [0.01, 0.99],
    RATE: 0.5,
}
"""Matt Mazur's published example; the biases are shared by a layer, and he does not update them."""

_ROWS = (
    Builtin("chang-neuron", lambda: neuron(2, "sigmoid", "bce"), "chang", _CHANG_NEURON),
    Builtin("chang", lambda: mlp([2, 2, 2], "sigmoid", cost="bce"), "chang", _CHANG),
    Builtin(
        "ufldl",
        lambda: mlp([3, 3, 1], "sigmoid", cost="half-sse", weight_decay=True, reduction="mean"),
        "ufldl",
    ),
    Builtin(
        "ufldl-4",
        lambda: mlp([3, 3, 2, 2], "sigmoid", cost="half-sse", weight_decay=True, reduction="mean"),
        "ufldl",
    ),
    Builtin(
        "ufldl-any",
        lambda: generic_mlp("f", cost="half-sse", weight_decay=True, reduction="mean"),
        "ufldl",
    ),
    Builtin(
        "lee",
        lambda: mlp([2, 1, 2], "sigmoid", cost="bce", samples="m", reduction="sum"),
        "lee",
    ),
    Builtin("nielsen", lambda: generic_mlp(SIGMA, cost="half-sse"), "nielsen"),
    Builtin("csdn", lambda: mlp([2, 3, 2], "sigmoid", cost="half-sse", bias="layer"), "csdn"),
    Builtin(
        "mazur",
        lambda: mlp([2, 2, 2], "sigmoid", cost="half-sse", bias="layer"),
        values=_MAZUR,
    ),
    Builtin("softmax-regression", lambda: softmax_regression(3, 3)),
    Builtin("elman", elman),
    # With the default inputs one pre-activation would be exactly 0, and hide what multiplies it.
    Builtin("residual", residual, values={"x": [0.5, 1]}),
)

BUILTINS: Mapping[str, Builtin] = {row.name: row for row in _ROWS}

_ONE_LINE = re.compile(r"\s*\d+(?:\s*-\s*\d+)+\s*\Z", re.ASCII)


def names() -> tuple[str, ...]:
    """The names of all built-in networks."""
    return tuple(BUILTINS)


def find(
    text: str,
    activation: str | Activation | None = None,
    output_activation: str | Activation | None = None,
    cost: str | Cost | None = None,
    **options: Any,
) -> System:
    """The network that `text` names: a built-in, a size list `784-512-10`, or a TOML file.

    The options (those of `mlp`) go with a size list only; the defaults there are sigmoid, and bce
    where the outputs lie in (0, 1), else half-sse.
    Raises UnknownName, SpecError, FileError, ManyErrors.
    """
    given = {
        k: v
        for k, v in {
            "activation": activation,
            "output_activation": output_activation,
            "cost": cost,
            **options,
        }.items()
        if v is not None
    }
    if text in BUILTINS:
        _no_options(text, given)
        return _built(BUILTINS[text])
    if _ONE_LINE.match(text):
        return mlp(one_line(text), **given)
    if names_file(text):
        from symbackprop.networks.specs import load

        _no_options(text, given)
        return load(Path(text))
    raise UnknownName("network", text, [*BUILTINS, "2-2-2", "my-network.toml"])


def names_file(text: str) -> bool:
    """Whether a network's name is that of a TOML file."""
    if text in BUILTINS or _ONE_LINE.match(text):
        return False
    return text.lower().endswith(".toml") or "/" in text or "\\" in text


def one_line(text: str) -> list[int]:
    """The sizes of `784-512-10`. Raises SpecError for absurdly long numbers or a size of 0."""
    pieces = [piece.strip() for piece in text.split("-")]
    if any(len(piece) > 18 for piece in pieces):
        raise SpecError(f"a size in '{printable(text)}' has more than 18 digits")
    return [int(piece) for piece in pieces]


def notation_of(name: str) -> str:
    """The notation in which the built-in `name` is printed by default; 'default' for others."""
    row = BUILTINS.get(name)
    return row.notation if row else "default"


def _built(row: Builtin) -> System:
    system = row.build()
    about = replace(system.about, title=row.name, notation=row.notation)
    return replace(system, name=row.name, about=about, values={**system.values, **row.values})


def _no_options(text: str, given: Mapping[str, Any]) -> None:
    if given:
        raise SpecError(
            f"'{printable(text)}' has its own {', '.join(sorted(given))}",
            hint="options go with a list of sizes, for example 2-2-2",
        )

"""Our own documents handed back as a stranger's: derived, written, verified without configuration."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from symbackprop.api.deriving import Derivation, derive
from symbackprop.derivation.narrate import default_views
from symbackprop.derivation.scope import split, without_decay
from symbackprop.errors import SymbackpropError
from symbackprop.networks import find
from symbackprop.networks.builtins import BUILTINS
from symbackprop.notation import find as find_notation
from symbackprop.notation.registry import names as notation_names
from symbackprop.system.model import System
from symbackprop.verifying.results import EquationResult, Report
from symbackprop.verifying.verify import verify

GOOD = ("proved", "definition")
LEAST = 0.99
"""So much of every document must be proved or a definition; nothing may be worse than `agrees`."""

BUDGET = 20.0
"""Seconds for one equation: a busy machine must not fail the test."""

NETWORKS = tuple(BUILTINS)
NOTATIONS = tuple(notation_names())
VIEWS: tuple[tuple[str, ...] | None, ...] = (
    None,
    ("neuron",),
    ("index",),
    ("matrix",),
    ("neuron", "index", "matrix"),
)
FORMATS = ("md", "github", "tex")
LANGUAGES = ("en", "zh-Hans")


@dataclass(frozen=True)
class Outcome:
    """The verdicts on one document."""

    counts: Counter[str]
    bad: tuple[EquationResult, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def good(self) -> int:
        return sum(self.counts[k] for k in GOOD)

    @property
    def fails(self) -> bool:
        return bool(self.bad) or self.good < LEAST * self.total


def outcome(report: Report) -> Outcome:
    bad = tuple(e for e in report.equations if e.verdict not in (*GOOD, "agrees"))
    return Outcome(report.counts, bad)


def derivation(network: str, notation: str, views: tuple[str, ...] | None) -> Derivation | None:
    """The derivation; None where the notation has no letters for it, or the view does not suit."""
    try:
        return derive(network, notation, views)
    except SymbackpropError:
        return None


def text_of(d: Derivation, format_: str, language: str) -> str | None:
    """The document as 'md' (for any reader), 'github' or 'tex'; None where a letter is missing."""
    try:
        if format_ == "tex":
            return d.text("tex", language=language)
        profile = "github" if format_ == "github" else "portable"
        return d.text("md", language=language, profile=profile)
    except SymbackpropError:
        return None


def checked(text: str) -> Outcome:
    """What verifying says of a text, with nothing but the text."""
    return outcome(verify(text, budget=BUDGET))


@dataclass(frozen=True)
class Row:
    """One document: a network (with the options of a size list), how it is written, and for whom."""

    network: str
    notation: str
    views: tuple[str, ...] | None
    format: str
    language: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def source(self) -> str:
        """What is derived, without how it is written down."""
        told = ",".join(f"{k}={v}" for k, v in self.options.items())
        views = "+".join(self.views or ("default",))
        return "/".join((self.network, *([told] if told else []), self.notation, views))

    @property
    def name(self) -> str:
        return f"{self.source}/{self.format}/{self.language}"

    def derivation(self) -> Derivation | None:
        """None where the notation has no letters for the network, or the view does not suit."""
        try:
            return derive(find(self.network, **self.options), self.notation, self.views)
        except SymbackpropError:
            return None


@cache
def _own_views(network: str, notation: str) -> tuple[str, ...]:
    """The views that are written when none is asked for."""
    return views_of(find(network), notation)


def views_of(system: System, notation: str) -> tuple[str, ...]:
    batch = split(system)
    one = batch.one if batch else without_decay(system) or system
    return default_views(one, find_notation(notation))


KINDS = (
    ("md", "en"),
    ("tex", "en"),
    ("md", "zh-Hans"),
    ("tex", "zh-Hans"),
    ("github", "en"),
    ("github", "zh-Hans"),
)
"""Formats and languages, the most telling first."""

SINGLE: tuple[tuple[str, ...] | None, ...] = (("neuron",), ("index",), ("matrix",))


def grid() -> Iterator[Row]:
    """Every network in every notation, view, format and language; no document twice."""
    for format_, language in KINDS:
        for views in (*SINGLE, ("neuron", "index", "matrix"), None):
            for network in NETWORKS:
                for notation in NOTATIONS:
                    same = _own_views(network, notation)
                    if views == same:  # told with views=None, as a user would ask for it
                        continue
                    yield Row(network, notation, views, format_, language)


def random_rows(number: int, seed: int = 3) -> Iterator[Row]:
    """Networks of other sizes, functions and costs, each in one notation, view, format, language."""
    dice = random.Random(seed)
    for _ in range(number):
        depth = dice.choice((1, 2, 2, 3))
        sizes = "-".join(str(dice.randint(1, 4)) for _ in range(depth + 1))
        last, cost = dice.choice(ENDS)
        if cost == "softmax-ce" and sizes.endswith("-1"):
            sizes = sizes[:-1] + "3"
        options: dict[str, Any] = {"activation": dice.choice(HIDDEN), "cost": cost}
        if last is not None:
            options["output_activation"] = last
        elif depth == 1:
            del options["activation"]
        options["bias"] = dice.choice(("unit", "unit", "layer", "none"))
        if dice.random() < 0.4:
            options["weight_decay"] = True
        if dice.random() < 0.4:
            options["reduction"] = dice.choice(("sum", "mean"))
        yield Row(
            sizes,
            dice.choice(("default", "default", "nielsen", "ufldl", "csdn", "chang")),
            dice.choice((*SINGLE, None)),
            dice.choice(FORMATS),
            dice.choice(LANGUAGES),
            options,
        )


HIDDEN = ("sigmoid", "tanh", "relu", "softplus", "silu", "identity")
ENDS = (
    ("sigmoid", "bce"),
    ("sigmoid", "half-sse"),
    ("tanh", "mse"),
    ("identity", "half-sse"),
    ("identity", "mse"),
    (None, "softmax-ce"),
)
"""Output activations with a cost that suits them."""

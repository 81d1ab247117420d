"""Our own documents handed back as a stranger's: derived, written, verified without configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from symbackprop.api.deriving import Derivation, derive
from symbackprop.errors import SymbackpropError
from symbackprop.networks.builtins import BUILTINS
from symbackprop.notation.registry import names as notation_names
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


def combinations() -> Iterator[tuple[str, str, tuple[str, ...] | None]]:
    """Every network in every notation and view; one view that stands for another is told once."""
    for network in NETWORKS:
        for notation in NOTATIONS:
            for views in VIEWS:
                yield network, notation, views

"""Step and Derivation: a derivation is data, without any prose.

A document is a Derivation poured through templates: one macro a rule, one file a language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from symbackprop.formula.tree import Chain, Formula
from symbackprop.system.model import System

RULES = (
    "definition",  # an equation of the system, or a name that is introduced
    "chain rule",  # over all paths; about["cut"]: the quantities that every path meets exactly once
    "copies",  # chain rule, every occurrence of a shared entry counted as a copy of its own
    "local derivative",  # differentiate one equation
    "bracket picks",  # a Kronecker delta under a sum picks one term
    "substitute",  # earlier results are put in; about["from"]: labels of the steps used
    "one fraction",  # bring to a common denominator
    "cancel",  # about["not zero"]: the cancelled formula and why it is not 0
    "collect",  # take out a common factor
    "rewrite",  # an identity of the function is used (e.g. e^-z/(1+e^-z) = 1-a)
    "use fact",  # a stated fact of a quantity (targets sum to 1)
    "name",  # a formula gets a name (the error)
    "likewise",  # the same by symmetry, always with the full list
    "cases",  # a guarded family: start and step
    "lift to matrix",
    "insert numbers",
    "reorder",  # the same factors and terms in another order
    "arithmetic",  # numbers are multiplied together
    "update",  # gradient descent
    "result",  # said ahead of, or again after, its derivation
)


@dataclass(frozen=True, slots=True)
class Step:
    """One display of a document.

    rule: one of RULES. statements: one or more chains, printed together. topic: which template macro
    speaks before the display (default: the macro of the rule). about: what the macro needs; values are
    Formulas, strings that are keys (never prose), numbers or tuples of these. facts: facts used.
    verdicts, filled by `api`: one a statement (a `judging.verdict.Verdict`), in order.

    A link of a chain that another rule than the step's own leads across says so itself (`By`).
    """

    rule: str
    statements: tuple[Chain, ...]
    topic: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    label: str = ""
    ranges: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)  # letter: (lower, upper)
    layout: tuple[str, str] | None = None  # how arrays are stored, where it is not the usual way
    definitions: tuple[Chain, ...] = ()  # of names that the system lacks, for the judge
    judged: bool = True  # False only for what claims nothing (an update rule's arrow, a schema)
    verdicts: tuple[Any, ...] = ()

    def rules_of(self, statement: Chain) -> tuple[str, ...]:
        """The rule that leads across each relation of one of the statements."""
        reasons = statement.reasons or ("",) * len(statement.relations)
        return tuple(reason or self.rule for reason in reasons)


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph without a display: a topic for the templates and what it speaks of."""

    topic: str
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells (Formulas, strings that are keys, or numbers as text); header cells are keys or Formulas."""

    topic: str
    header: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """topic names the title and introduction in the templates; items in reading order.

    system: the System that the section speaks of, where it is not the derivation's own (the batch).
    """

    topic: str
    items: tuple[Step | Prose | Table | Section, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    system: System | None = None

    def steps(self) -> Iterator[Step]:
        for item in self.items:
            if isinstance(item, Step):
                yield item
            elif isinstance(item, Section):
                yield from item.steps()


@dataclass(frozen=True, slots=True)
class Derivation:
    """The whole derivation of one network. `system` is the System that the Refs name.

    views: which of 'neuron', 'index', 'matrix' it shows.
    """

    system: System
    sections: tuple[Section, ...]
    views: tuple[str, ...] = ()
    notation: str = "default"
    about: Mapping[str, Any] = field(default_factory=dict)

    def steps(self) -> Iterator[Step]:
        for section in self.sections:
            yield from section.steps()


class By(NamedTuple):
    """A member of a chain with the rule that leads to it from the member before."""

    rule: str
    formula: Formula


def display(*members: Formula | By) -> Chain:
    """A = B = C as one statement; a member without a rule follows by the rule of its step."""
    formulas = tuple(m.formula if isinstance(m, By) else m for m in members)
    reasons = tuple(m.rule if isinstance(m, By) else "" for m in members[1:])
    return Chain(formulas, ("=",) * (len(members) - 1), reasons if any(reasons) else ())


def statement(*members: Formula | By) -> Chain:
    """A = B = C; a member equal to the one before is left out."""
    kept: list[Formula | By] = []
    for member in members:
        if not kept or _bare(kept[-1]) != _bare(member):
            kept.append(member)
    return display(*kept)


def _bare(member: Formula | By) -> Formula:
    return member.formula if isinstance(member, By) else member

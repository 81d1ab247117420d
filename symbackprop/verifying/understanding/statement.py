"""What is known of a document before any claim is judged: its statements and what they define."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from symbackprop.documents.scan import Piece, Scan
from symbackprop.formula.remembered import remembered
from symbackprop.formula.tree import Array, Chain, Deriv, Formula, Grad, Ref, Sym
from symbackprop.system.model import Fact, Function
from symbackprop.verifying.names.resolve import Resolver
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.shapes import Shape
from symbackprop.verifying.understanding.profile import Profile
from symbackprop.verifying.understanding.scopes import Scope, Scopes
from symbackprop.verifying.understanding.size_relations import Linear

Sort = Literal[
    "definition", "claim", "update", "cost", "numeric", "shape", "function", "fact", "remark"
]


Range = tuple[str, Formula, Formula]
"""A letter with its first and its last value."""


@dataclass(frozen=True, slots=True)
class Label:
    """A letter for one entry of the quantities with these bases, read as the number 1."""

    letter: str
    bases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where a cost is smallest, as an equation; `by` is what it is solved for, None where that is open."""

    equation: Chain
    by: Formula | None = None


ANY_NUMBER = Sym("arg")
"""The argument of a function, in a statement about it at any number."""


@dataclass(slots=True)
class Statement:
    """One statement of a piece, as read and as meant."""

    place: int
    piece: Piece
    chain: Chain
    label: str = ""
    sort: Sort = "claim"
    meant: Chain | None = None
    reason: str = ""
    lost: str = ""
    under: tuple[Chain, ...] = ()  # conditions beside the formula: `(i \neq j)`, "if z > 0"
    defines: list[Definition] = field(default_factory=list)
    optimum: Optimum | None = None
    ranges: tuple[Range, ...] = ()  # how far letters of the left side run: `(t = 0..T-K)`
    argument: Sym | None = None  # the letter of ANY_NUMBER
    family: int = 0  # above 0: one of several that are written as one, with a letter for the layer


@dataclass(slots=True)
class Understanding:
    """Everything that is known of a document before any claim is judged."""

    scan: Scan
    profile: Profile
    statements: list[Statement]
    resolver: Resolver
    definitions: list[Definition]
    functions: dict[str, list[Function]]
    facts: dict[str, set[Fact]]
    errors: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    size_values: dict[str, int] = field(default_factory=dict)
    scopes: Scopes = field(default_factory=Scopes)
    apart: dict[Scope, str] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    formulas: dict[str, list[int]] = field(default_factory=dict)
    positions: dict[str, Linear] = field(default_factory=dict)  # P = T - K + 1
    label: Label | None = None  # the y of -log p_y
    families: dict[str, tuple[str, str]] = field(default_factory=dict)  # the v_{c_j}, by their name
    steps: int = 0  # how many times there are, where the text counts them: `t = 1, 2, 3`
    said: tuple[Shape, ...] = ()  # shapes that the text gives: `W in R^{m x n}`


def rewrite_all(
    statements: Iterable[Statement], change: Callable[[Formula], Formula | None]
) -> None:
    """`rewrite` in every statement."""
    for s in statements:
        s.chain = s.chain.rewrite_members(change)


@remembered
def has_derivative(f: Formula) -> bool:
    """Whether a derivative is written in a formula."""
    return any(isinstance(n, Deriv | Grad) for n in f.walk())


def names_of(f: Formula) -> set[str]:
    return {n.name for n in f.walk() if isinstance(n, Ref | Array)}


def base_letter(head: Ref | Array, u: Understanding) -> str:
    """The letter that a name is written with, without its scripts."""
    return u.resolver.symbols.bases.get(head.name, head.name)

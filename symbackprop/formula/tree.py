"""The written tree: formulas as a person reads and writes them.

SymPy reorders what it is given; a `Formula` keeps the order of terms and factors. Nodes are
frozen and compare by content; `span`, where a reader sets it, takes no part in comparison.

Two kinds of leaf name a thing:

* `Sym` is a *written* symbol, letters and scripts as they stand on paper (`w_{21,11}`);
* `Ref` and `Array` are the *meant* quantity: an entry (`Ref("W2", (1, 1))`), or a whole array with
  its leading indices fixed (`Array("w", (l,))` is the weight matrix of layer l).

A Notation turns one into the other; nothing else does. A derivation holds `Ref`s only, so it can
be printed in any notation; a LaTeX reader produces `Sym`s only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cache, lru_cache
from operator import attrgetter, is_
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Span:
    """Where a formula stands: offsets into the source text, end exclusive."""

    start: int
    end: int


@cache
def _parts(kind: type[Any]) -> tuple[str, ...]:
    """The names of the fields of a node class that can hold formulas."""
    return tuple(f.name for f in fields(kind) if "Formula" in str(f.type) or f.type == "Idx")


@cache
def _below(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """How the sub-formulas of a node class are read off (trees are walked very often)."""
    names = _parts(kind)  # type: ignore[arg-type]
    types = [str(f.type) for f in fields(kind) if f.name in names]
    if not names:
        return lambda f: ()
    if types == ["tuple[Formula, ...]"]:
        return attrgetter(*names)
    if types == ["Formula"]:
        one = attrgetter(*names)
        return lambda f: (one(f),)
    if set(types) <= {"Formula", "Idx"}:
        return attrgetter(*names)
    return lambda f: tuple(_formulas(tuple(getattr(f, name) for name in names)))


@dataclass(frozen=True, slots=True)
class Formula:
    """Base of all nodes."""

    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)

    commutative: ClassVar[bool] = False

    def children(self) -> tuple[Formula, ...]:
        """The direct sub-formulas, in writing order."""
        return _below(type(self))(self)  # type: ignore[arg-type]

    def walk(self) -> Iterator[Formula]:
        """This node and all below it, in writing order (iterative: depth is no danger)."""
        known = _WALKED.get(id(self))
        return iter(_walked(self) if known is None else known)

    def map(self, change: Callable[[Formula], Formula]) -> Formula:
        """The same node with `change` applied to each direct sub-formula."""
        new: dict[str, Any] = {}
        for name in _parts(type(self)):  # type: ignore[arg-type]
            value = getattr(self, name)
            if isinstance(value, Formula):
                after: Any = change(value)
            elif isinstance(value, tuple):
                after = _mapped(value, change)
            else:
                continue
            if after is not value and after != value:
                new[name] = after
        return replace(self, **new) if new else self

    def rewrite(self, change: Callable[[Formula], Formula | None]) -> Formula:
        """Top down: where `change` gives a formula, it replaces the node and is not entered."""
        new = change(self)
        return new if new is not None else self.map(lambda child: child.rewrite(change))


_WALKED: dict[int, tuple[Formula, ...]] = {}
"""The nodes of the trees that were walked, by identity: the same trees are walked again and again."""

MOST_WALKED, LARGEST_WALKED = 30_000, 400
"""So many trees of at most so many nodes are kept; then all are forgotten."""


def _walked(f: Formula) -> list[Formula] | tuple[Formula, ...]:
    nodes: list[Formula] = [f]
    stack = list(f.children()[::-1])
    if not stack:
        return nodes
    while stack:
        node = stack.pop()
        nodes.append(node)
        below = _below(type(node))(node)  # type: ignore[arg-type]
        if below:
            stack += below[::-1]
    if len(nodes) > LARGEST_WALKED:
        return nodes
    if len(_WALKED) >= MOST_WALKED:
        _WALKED.clear()
    _WALKED[id(f)] = kept = tuple(nodes)
    return kept


def _formulas(values: tuple[Any, ...]) -> Iterator[Formula]:
    for value in values:
        if isinstance(value, Formula):
            yield value
        elif isinstance(value, tuple):
            yield from _formulas(value)


def _mapped(values: tuple[Any, ...], change: Callable[[Formula], Formula]) -> tuple[Any, ...]:
    new = tuple(
        [
            change(v)
            if isinstance(v, Formula)
            else _mapped(v, change)
            if isinstance(v, tuple)
            else v
            for v in values
        ]
    )
    return values if all(map(is_, new, values)) else new


# --- leaves -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Num(Formula):
    """A non-negative number exactly as written: '1', '0.05'. A sign is a `Neg` around it."""

    text: str

    @property
    def value(self) -> Fraction:
        return _fraction(self.text)


@lru_cache(maxsize=4096)
def _fraction(text: str) -> Fraction:
    return Fraction(text)


@dataclass(frozen=True, slots=True)
class Sym(Formula):
    r"""A written symbol. Scripts are token sequences, as the lexer cuts them.

    `n_{11(in)}` is `Sym("n", sub=("1","1","(","i","n",")"))`; `\text{in}` is the one token "in";
    `w^{l+1}_{kj}` is `Sym("w", sub=("k","j"), sup=("l","+","1"))`. `primes` counts `'`. A Greek
    letter's base is its command name without backslash ("delta"); `H1` in plain letters is base
    "H1" where letter-digit runs are one name (a reader's default), else `H` times 1.
    `accent` is 'hat', 'tilde', 'bar', 'vec', ... or empty.
    """

    base: str
    sub: tuple[str, ...] = ()
    sup: tuple[str, ...] = ()
    primes: int = 0
    accent: str = ""


@dataclass(frozen=True, slots=True)
class Idx(Formula):
    """An index letter or symbolic size (j, k, l, L, m): an integer."""

    name: str


@dataclass(frozen=True, slots=True)
class Ref(Formula):
    """One entry of a quantity of the system, all indices given (none for a scalar).

    `d.z` is the adjoint of the quantity `z`: the derivative of the cost by that entry (the error).
    """

    name: str
    indices: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class Array(Formula):
    """A quantity as a whole vector or matrix, with its leading indices fixed.

    Of a quantity with axes (layer, receiver, sender), `Array("w", (l,))` is the matrix of layer l.
    """

    name: str
    indices: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class Ones(Formula):
    """A column of ones, one for each value of `size`."""

    size: Formula


@dataclass(frozen=True, slots=True)
class Opaque(Formula):
    """A piece that was not understood: never judged, always reported with its span."""

    text: str
    reason: str = ""


# --- arithmetic -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neg(Formula):
    """Minus `body`. A difference a - b is `Add((a, Neg(b)))`."""

    body: Formula


@dataclass(frozen=True, slots=True)
class Add(Formula):
    """An ordered sum of two or more terms."""

    terms: tuple[Formula, ...]
    commutative: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Mul(Formula):
    """An ordered product of two or more factors, of numbers (not of matrices).

    `signs`, when a reader sets it, holds what stood between the factors ("", "cdot", "times", "*",
    "."). It takes no part in comparison; a writer that juxtaposes keeps a dot where one is set.
    """

    factors: tuple[Formula, ...]
    signs: tuple[str, ...] = field(default=(), compare=False, repr=False)
    commutative: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Div(Formula):
    """A fraction. `inline` asks for a slash instead of a bar (no part in comparison)."""

    num: Formula
    den: Formula
    inline: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pow(Formula):
    base: Formula
    exponent: Formula


@dataclass(frozen=True, slots=True)
class Call(Formula):
    """A function applied: 'exp' 'log' 'tanh' 'sin' 'cos' 'sqrt' 'abs' 'max' 'min' 'sign', or a
    function of the system ('sigmoid'). `primes` derivatives are taken first: f'(z).
    Applied to an array it works entry by entry.

    `semicolon`: so many arguments stand before a semicolon, as in J(W, b; x, y); no part of comparison.
    """

    name: str
    args: tuple[Formula, ...]
    primes: int = 0
    semicolon: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sum(Formula):
    """Sum of `body` over `index` from `lower` to `upper`; None where the text has no bound."""

    body: Formula
    index: Idx
    lower: Formula | None = None
    upper: Formula | None = None


@dataclass(frozen=True, slots=True)
class Prod(Formula):
    """Product of `body` over `index`."""

    body: Formula
    index: Idx
    lower: Formula | None = None
    upper: Formula | None = None


@dataclass(frozen=True, slots=True)
class Bracket(Formula):
    """The Iverson bracket / Kronecker delta: 1 if the condition (a `Chain`) holds, else 0."""

    condition: Formula


@dataclass(frozen=True, slots=True)
class Cases(Formula):
    """Values by condition, tried in order; a condition of None is 'otherwise'."""

    rows: tuple[tuple[Formula, Formula | None], ...]


@dataclass(frozen=True, slots=True)
class Norm(Formula):
    """The Euclidean norm of an array."""

    body: Formula


# --- calculus ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deriv(Formula):
    """The partial derivative of `of` by `by`.

    `operator` writes d/dw (…) instead of one fraction; `total` writes d for the curly one. Neither
    takes part in comparison.
    """

    of: Formula
    by: Formula
    operator: bool = field(default=False, compare=False, repr=False)
    total: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Grad(Formula):
    """Nabla with the array `by` as subscript, of `of`: the array of all partial derivatives."""

    of: Formula
    by: Formula


@dataclass(frozen=True, slots=True)
class Diff(Formula):
    r"""The differential d(body). A lone `\partial body` is read so too, with `total` False."""

    body: Formula
    total: bool = field(default=True, compare=False, repr=False)


# --- arrays -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MatMul(Formula):
    """An ordered product of matrices and vectors (a vector is a column unless transposed).

    `dotted`, when a reader sets it: two factors with a dot between them (no part in comparison).
    """

    factors: tuple[Formula, ...]
    dotted: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Hadamard(Formula):
    """A product entry by entry."""

    factors: tuple[Formula, ...]
    commutative: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Transpose(Formula):
    body: Formula


@dataclass(frozen=True, slots=True)
class Matrix(Formula):
    """An explicit matrix, by rows. A column vector has rows of one entry."""

    rows: tuple[tuple[Formula, ...], ...]


# --- relations --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chain(Formula):
    r"""A statement: members joined by relations, `A = B = C`. len(relations) == len(members) - 1.

    Relations: '=', ':=', '<-' (update), '<', '<=', '>', '>=', '!=', 'approx', 'in', 'equiv',
    'propto', 'to'. `reasons`, where a narrator sets them, name the rule that leads across each
    relation ("" where the display's own rule does); they take no part in comparison.
    """

    members: tuple[Formula, ...]
    relations: tuple[str, ...]
    reasons: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.reasons and len(self.reasons) != len(self.relations):
            raise ValueError("a chain has as many reasons as relations, or none")
        if len(self.relations) != len(self.members) - 1:
            raise ValueError("a chain has one relation fewer than members")

    def rewrite_members(self, change: Callable[[Formula], Formula | None]) -> Chain:
        """`rewrite` in every member: the chain stays one."""
        new = self.map(lambda member: member.rewrite(change))
        assert isinstance(new, Chain)
        return new


# --- making formulas ---------------------------------------------------------------------------

ONE = Num("1")
ZERO = Num("0")


def num(value: int | Fraction | str) -> Formula:
    """A number as a formula: negative ones as `Neg`, fractions as `Div`."""
    exact = Fraction(value)
    if exact < 0:
        return Neg(num(-exact))
    if exact.denominator != 1:
        return Div(Num(str(exact.numerator)), Num(str(exact.denominator)))
    return Num(str(exact.numerator))


def add(*terms: Formula) -> Formula:
    """A sum, flat; one term is itself, none is 0."""
    flat: list[Formula] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Add) else (term,))
    return ZERO if not flat else flat[0] if len(flat) == 1 else Add(tuple(flat))


def sub(left: Formula, right: Formula) -> Formula:
    """left - right."""
    return add(left, Neg(right))


def mul(*factors: Formula) -> Formula:
    """A product, flat; one factor is itself, none is 1."""
    flat: list[Formula] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Mul) else (factor,))
    return ONE if not flat else flat[0] if len(flat) == 1 else Mul(tuple(flat))


def equal(*members: Formula) -> Chain:
    """The chain A = B = C."""
    return Chain(tuple(members), ("=",) * (len(members) - 1))


def ref(name: str, *indices: int | str | Formula) -> Ref:
    """`ref("W1", 1, "j")`: numbers become Num, letters Idx."""
    return Ref(name, tuple(_index(i) for i in indices))


def _index(i: int | str | Formula) -> Formula:
    if isinstance(i, Formula):
        return i
    return Num(str(i)) if isinstance(i, int) else Idx(i)

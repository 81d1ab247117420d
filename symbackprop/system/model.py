"""Axis, Quantity, Equation, System: a network is a system of index equations.

    z1[i] = sum(j, W1[i,j] * x[j]) + b1[i]
    a1[i] = sigmoid(z1[i])
    J     = -sum(i, y[i]*log(a1[i]) + (1 - y[i])*log(1 - a1[i]))

Expressions are SymPy expressions over `Indexed` (an entry of a quantity), plain symbols (scalar
quantities, index letters, sizes) and `Sum`. Nothing else is a primitive. All names come from
`entry`, `index` and `size` below, so that equal names are equal symbols everywhere.

Layers are numbered from the input: layer 0 is the input, the weights of layer l lead from layer
l-1 to layer l, layer L is the output. A notation may print other numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import sympy as sp

ADJOINT = "d."
"""`d.z1` names the adjoint of `z1`. Users' names cannot hold a dot."""


ONE = sp.Integer(1)


@lru_cache(maxsize=1024)
def index(name: str) -> sp.Symbol:
    """An index letter (an integer)."""
    return sp.Symbol(name, integer=True)


@lru_cache(maxsize=1024)
def size(name: str) -> sp.Symbol:
    """A symbolic size such as m, T, L (a positive integer)."""
    return sp.Symbol(name, integer=True, positive=True)


def entry(name: str, *indices: Any) -> sp.Expr:
    """An entry of the quantity `name`; without indices the scalar itself. Always real."""
    label, base = _named(name)
    return base[indices] if indices else label


@lru_cache(maxsize=4096)
def _named(name: str) -> tuple[sp.Symbol, sp.IndexedBase]:
    """SymPy finds out anew what it knows of a symbol whenever one is made: that takes longest."""
    label = sp.Symbol(name, real=True)
    return label, sp.IndexedBase(label)


@lru_cache(maxsize=4096)
def _shared(e: sp.Expr) -> sp.Expr:
    """One object for all equal expressions: it is found by its identity, without comparing trees."""
    return e


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a quantity: its canonical index letter runs from `lower` to `upper`.

    `upper` may depend on the letters of earlier axes of the same quantity (`s[l]`, the width of
    layer l). `kind` says what is counted: 'unit', 'layer', 'sample' or 'time'; `space` names what
    the entries belong to ('0', '1', ... for the layers of an MLP; any name otherwise): two axes of
    one space have one size.
    """

    index: sp.Symbol
    upper: sp.Expr
    lower: sp.Expr = ONE
    kind: str = "unit"
    space: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "upper", _shared(self.upper))
        object.__setattr__(self, "lower", _shared(self.lower))

    @property
    def count(self) -> sp.Expr:
        """How many entries the axis has."""
        return sp.expand(self.upper - self.lower + 1)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of every entry of a quantity.

    kind: 'positive' (> 0), 'nonnegative' (>= 0), 'in (0,1)', 'in [0,1]', 'in (-1,1)', 'in {0,1}',
    'in {-1,1}', 'nonzero', 'sums to 1' (with `over`, an index letter of the quantity). All
    quantities are real.
    """

    kind: str
    over: str = ""


ROLES = (
    "input",
    "target",
    "weight",
    "bias",
    "parameter",
    "pre-activation",
    "activation",
    "intermediate",
    "cost",
    "constant",
)
"""`weight` and `bias` are parameters too; `constant` is a given scalar (decay factor, slope)."""

PARAMETER_ROLES = ("weight", "bias", "parameter")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named array of real numbers.

    layer: the layer it belongs to (an integer; for a family its first axis' letter), None if it has
    none. For a weight it is the layer of the receiver; its axes are (receiver, sender).
    """

    name: str
    role: str
    axes: tuple[Axis, ...] = ()
    layer: sp.Expr | None = None
    facts: frozenset[Fact] = frozenset()
    meaning: str = ""

    @property
    def indices(self) -> tuple[sp.Symbol, ...]:
        return tuple(axis.index for axis in self.axes)

    @property
    def is_parameter(self) -> bool:
        return self.role in PARAMETER_ROLES

    def at(self, *indices: Any) -> sp.Expr:
        """The entry at `indices`; without any, at the canonical letters."""
        return entry(self.name, *(indices or self.indices))


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function of the system, such as an activation.

    `expression` is over `variable` (None: an abstract f, only known to be differentiable).
    `constants` are its slope or threshold symbols (names of scalar quantities).
    `open_range` / facts say where the values lie. `kinks` are the places without a derivative,
    with the convention for the derivative there in words.
    """

    name: str
    variable: sp.Symbol
    expression: sp.Expr | None
    constants: tuple[str, ...] = ()
    facts: frozenset[Fact] = frozenset()
    kinks: tuple[tuple[sp.Expr, str], ...] = ()

    def __call__(self, argument: sp.Expr) -> sp.Expr:
        """The unevaluated application, a SymPy `Function(name)(argument)`."""
        return sp.Function(self.name, real=True)(argument)


@dataclass(frozen=True, slots=True)
class Equation:
    """target[indices] = rhs, for all values of the free letters in `ranges`.

    `indices` holds one entry for each axis of the target: a letter, a fixed value (a base case:
    `h[0,i] = h0[i]`) or a shifted letter. `ranges` gives lower and upper bound of each free letter
    of the left side (the guard): for a family `a[l,j] = ...` with l from 1 to L.
    """

    target: str
    indices: tuple[sp.Expr, ...]
    rhs: sp.Expr
    ranges: tuple[tuple[sp.Symbol, sp.Expr, sp.Expr], ...] = ()
    label: str = ""

    @property
    def lhs(self) -> sp.Expr:
        return entry(self.target, *self.indices)


@dataclass(frozen=True, slots=True)
class Description:
    """What a document must state about a network.

    over_outputs / over_samples: 'sum', 'mean' or '' (not applicable). `cost` and `activations` are
    registry names where there are any; `widths` are the layer sizes of an MLP, input first. `depth`
    is the symbol L for a generic-depth network, else the number of weight layers; None if not
    layered.
    """

    # 'neuron', 'mlp', 'generic-mlp', 'softmax-regression', 'rnn', 'residual', 'system'
    kind: str = "system"
    title: str = ""
    cost: str = ""
    activations: tuple[str, ...] = ()
    over_outputs: str = ""
    over_samples: str = ""
    bias: str = ""  # 'unit', 'layer', 'none'
    decay: str = ""  # name of the decay constant, or ''
    widths: tuple[sp.Expr, ...] = ()
    depth: sp.Expr | None = None
    notation: str = ""  # the notation that its description asks for, or ''


@dataclass(frozen=True)
class System:
    """Equations in an order in which they can be computed, and the quantities they speak of.

    Checked at construction by `symbackprop.system.checks.check`: raises IllFormedSystem (or
    ManyErrors). `sizes` are the symbolic sizes; `values` optional numbers (nested lists) by name.
    """

    name: str
    quantities: tuple[Quantity, ...]
    equations: tuple[Equation, ...]
    cost: str
    functions: tuple[Function, ...] = ()
    sizes: tuple[sp.Symbol, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    about: Description = field(default_factory=Description)

    def __post_init__(self) -> None:
        from symbackprop.system.checks import check

        check(self)

    @cached_property
    def by_name(self) -> Mapping[str, Quantity]:
        return {q.name: q for q in self.quantities}

    @cached_property
    def function_by_name(self) -> Mapping[str, Function]:
        return {f.name: f for f in self.functions}

    @cached_property
    def equations_of(self) -> Mapping[str, tuple[Equation, ...]]:
        """The equations that define each quantity (several for a family with base cases)."""
        found: dict[str, list[Equation]] = {}
        for e in self.equations:
            found.setdefault(e.target, []).append(e)
        return {name: tuple(es) for name, es in found.items()}

    @property
    def parameters(self) -> tuple[Quantity, ...]:
        return tuple(q for q in self.quantities if q.is_parameter)

    @property
    def inputs(self) -> tuple[Quantity, ...]:
        return tuple(q for q in self.quantities if q.role == "input")

    @property
    def targets(self) -> tuple[Quantity, ...]:
        return tuple(q for q in self.quantities if q.role == "target")

    def __getitem__(self, name: str) -> Quantity:
        """The quantity of that name. Raises UnknownName."""
        from symbackprop.errors import UnknownName

        if name not in self.by_name:
            raise UnknownName("quantity", name, self.by_name)
        return self.by_name[name]

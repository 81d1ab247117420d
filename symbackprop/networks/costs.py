"""Costs: one row each. J = factor * reduction over outputs of term(a, y).

Which activation goes with which cost follows from facts: a row says what it needs of the outputs
and of the targets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symbackprop.errors import SpecError, SymbackpropError, UnknownName, printable
from symbackprop.networks.activations import only_of
from symbackprop.system.facts import known
from symbackprop.system.model import Fact, entry

Term = Callable[[sp.Expr, sp.Expr], sp.Expr]
ONE = sp.Integer(1)


@dataclass(frozen=True, slots=True)
class Peer:
    """The default of another library: theirs = scale * (sum or mean) of our term.

    outputs, samples: 'sum' or 'mean', what that library does by default.
    """

    name: str
    scale: sp.Rational = ONE
    outputs: str = "mean"
    samples: str = "mean"
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost over the outputs of one sample.

    term         (a, y) -> the expression of one output, without `sign`
    sign         a factor in front of the sum (-1 for a log-likelihood)
    over_outputs 'sum' or 'mean'
    needs        what must be known of every output ('' for nothing): 'in (0,1)', 'positive'
    targets      what must hold of the targets; 'sums to 1' is over the outputs of one sample
    logits       the last pre-activation goes through a softmax that belongs to the cost
    kinks        places without a derivative, with the convention, in words
    peers        'pytorch' / 'keras' -> that library's default
    instead      what to use when an activation does not fit
    """

    name: str
    term: Term
    sign: int = 1
    over_outputs: str = "sum"
    needs: str = ""
    targets: tuple[str, ...] = ()
    logits: bool = False
    kinks: tuple[str, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    peers: Mapping[str, Peer] = field(default_factory=dict)
    instead: str = ""

    def __post_init__(self) -> None:
        """Raises SpecError unless `term` gives an expression of a, y and the constants alone."""
        what = f"the cost '{self.name}'"
        if not callable(self.term):
            raise SpecError(
                f"{what} needs a function of a and y, not {printable(repr(self.term))}",
                hint="for example lambda a, y: (a - y)**4",
            )
        a, y = sp.Symbol("a", real=True), sp.Symbol("y", real=True)
        try:
            term = self.term(a, y)
        except SymbackpropError:
            raise
        except Exception as error:
            raise SpecError(
                f"{what}: its function of a and y fails: {printable(str(error))}",
                hint="write it with SymPy's functions, for example lambda a, y: (a - y)**4",
            ) from error
        only_of(term, (a, y), self.constants, what)

    def target_facts(self, letter: str) -> frozenset[Fact]:
        """The facts of the targets, whose output axis has the letter `letter`."""
        return frozenset(
            Fact(kind, letter) if kind == "sums to 1" else Fact(kind) for kind in self.targets
        )

    def of_outputs(self, a: sp.Expr, y: sp.Expr, j: sp.Symbol, count: sp.Expr) -> sp.Expr:
        """The cost of one sample; `a` and `y` are entries at the output letter `j` = 1..count."""
        total = sp.Sum(self.term(a, y), (j, 1, count))
        mean = sp.Integer(1) / count if self.over_outputs == "mean" else sp.Integer(1)
        return self.sign * mean * total

    def factor_to(
        self, library: str, outputs: sp.Expr, samples: sp.Expr, over_samples: str
    ) -> sp.Expr | None:
        """Our cost times this is the library's default; None where it has no such cost."""
        peer = self.peers.get(library)
        if peer is None:
            return None
        ratio: sp.Expr = peer.scale
        ratio *= _share(peer.outputs, outputs) / _share(self.over_outputs, outputs)
        ratio *= _share(peer.samples, samples) / _share(over_samples or "sum", samples)
        return ratio


def _share(reduction: str, count: sp.Expr) -> sp.Expr:
    return sp.Integer(1) / count if reduction == "mean" else sp.Integer(1)


def _half_square(a: sp.Expr, y: sp.Expr) -> sp.Expr:
    return sp.Rational(1, 2) * (a - y) ** 2


def _square(a: sp.Expr, y: sp.Expr) -> sp.Expr:
    return (a - y) ** 2


def _bernoulli(a: sp.Expr, y: sp.Expr) -> sp.Expr:
    return y * sp.log(a) + (1 - y) * sp.log(1 - a)


def _categorical(a: sp.Expr, y: sp.Expr) -> sp.Expr:
    return y * sp.log(a)


def _absolute(a: sp.Expr, y: sp.Expr) -> sp.Expr:
    # SymPy's derivative of Abs of a real expression is sign, and sign(0) = 0.
    return sp.Abs(a - y)


def _huber(a: sp.Expr, y: sp.Expr) -> sp.Expr:
    kappa, half, d = entry("kappa"), sp.Rational(1, 2), a - y
    return sp.Piecewise(
        (kappa * (d - half * kappa), d > kappa),
        (kappa * (-d - half * kappa), d < -kappa),
        (half * d**2, True),
    )


def _hinge(a: sp.Expr, y: sp.Expr) -> sp.Expr:
    return sp.Piecewise((1 - y * a, y * a < 1), (0, True))


def _poisson(a: sp.Expr, y: sp.Expr) -> sp.Expr:
    return a - y * sp.log(a)


def _rows() -> tuple[Cost, ...]:
    squared = {
        "pytorch": Peer("MSELoss"),
        "keras": Peer("MeanSquaredError"),
    }
    doubled = {k: Peer(p.name, sp.Integer(2)) for k, p in squared.items()}
    return (
        Cost("half-sse", _half_square, peers=doubled),
        Cost("mse", _square, over_outputs="mean", peers=squared),
        Cost(
            "bce",
            _bernoulli,
            sign=-1,
            needs="in (0,1)",
            targets=("in [0,1]",),
            peers={"pytorch": Peer("BCELoss"), "keras": Peer("BinaryCrossentropy")},
            instead="use sigmoid for the output, or the cost softmax-ce or half-sse",
        ),
        Cost(
            "softmax-ce",
            _categorical,
            sign=-1,
            targets=("in [0,1]", "sums to 1"),
            logits=True,
            peers={
                "pytorch": Peer("CrossEntropyLoss", outputs="sum"),
                "keras": Peer("CategoricalCrossentropy", outputs="sum"),
            },
        ),
        Cost(
            "mae",
            _absolute,
            over_outputs="mean",
            kinks=("the derivative of |a - y| at a = y is 0",),
            peers={"pytorch": Peer("L1Loss"), "keras": Peer("MeanAbsoluteError")},
        ),
        Cost(
            "huber",
            _huber,
            constants={"kappa": 1.0},
            peers={
                "pytorch": Peer("HuberLoss", remark="its argument delta is kappa"),
                "keras": Peer("Huber", remark="its argument delta is kappa"),
            },
        ),
        Cost(
            "hinge",
            _hinge,
            targets=("in {-1,1}",),
            kinks=("the derivative at y a = 1 is 0",),
            peers={"keras": Peer("Hinge")},
        ),
        Cost(
            "poisson",
            _poisson,
            needs="positive",
            targets=("nonnegative",),
            peers={
                "pytorch": Peer("PoissonNLLLoss", remark="with log_input=False and eps=0"),
                "keras": Peer("Poisson", remark="without its epsilon"),
            },
            instead="use softplus, exp or sigmoid for the output",
        ),
    )


COSTS: Mapping[str, Cost] = {row.name: row for row in _rows()}


def cost(given: str | Cost) -> Cost:
    """The row of that name, or the user's own object unchanged. Raises UnknownName."""
    if isinstance(given, Cost):
        return given
    name = given.replace("_", "-").lower()
    if name not in COSTS:
        raise UnknownName("cost", given, COSTS)
    return COSTS[name]


def admit(row: Cost, output_facts: frozenset[Fact], activation: str, where: str) -> None:
    """Raise SpecError unless what is known of the outputs is what the cost needs."""
    if row.needs and not known(row.needs, output_facts):
        needed = {"positive": "positive outputs"}.get(row.needs, f"outputs {row.needs}")
        raise SpecError(
            f"the cost {row.name} needs {needed}; {activation} gives values in {where}",
            hint=row.instead,
        )


__all__ = ["COSTS", "Cost", "Peer", "admit", "cost"]

"""Activations: one row each, one formula each. A derivative is never typed in.

Where a function has a kink, its formula is a Piecewise over a real symbol whose branches are chosen
so that the derivative of the chosen branch is the stated convention.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symbackprop.errors import SpecError, UnknownName, printable
from symbackprop.system.facts import facts
from symbackprop.system.model import Fact, Function, entry

Z = sp.Symbol("z", real=True)
"""The variable of every row of this file."""

SYMPYS_OWN: Mapping[str, type[sp.Function]] = {"tanh": sp.tanh, "sin": sp.sin, "exp": sp.exp}
"""Activations that SymPy knows: they stand in equations as SymPy's own function."""


@dataclass(frozen=True, slots=True)
class Activation:
    """A scalar function for the neurons of a layer.

    expression  over `variable`; None for an abstract function, of which only `facts` are known
    range       where its values lie, for people: "(0, 1)"
    facts       the same for the program
    kinks       (place, convention for the derivative there in words)
    constants   slope or threshold symbols and their default values
    analytic    whether the complex step may differentiate it everywhere
    """

    name: str
    expression: sp.Expr | None
    variable: sp.Symbol = Z
    range: str = "the real numbers"
    facts: frozenset[Fact] = frozenset()
    kinks: tuple[tuple[sp.Expr, str], ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    analytic: bool = True

    def __post_init__(self) -> None:
        """Raises SpecError unless `expression` is one of the variable and the constants alone."""
        if not isinstance(self.variable, sp.Symbol):
            raise SpecError(f"the variable of the activation '{self.name}' must be a SymPy symbol")
        if self.expression is not None:
            only_of(
                self.expression, (self.variable,), self.constants, f"the activation '{self.name}'"
            )

    @property
    def function_name(self) -> str:
        """The name in equations: letters, digits and underscores."""
        return self.name.replace("-", "_")

    @property
    def is_identity(self) -> bool:
        return self.expression is not None and self.expression == self.variable

    def function(self) -> Function:
        """The row as a function of a System."""
        return Function(
            self.function_name,
            self.variable,
            self.expression,
            tuple(self.constants),
            self.facts,
            self.kinks,
        )

    def __call__(self, argument: sp.Expr) -> sp.Expr:
        """The activation of `argument`, unevaluated (the argument itself for the identity)."""
        if self.is_identity:
            return argument
        own = SYMPYS_OWN.get(self.name)
        if own is not None and self.expression == own(self.variable):
            return own(argument)
        return self.function()(argument)


def only_of(
    expression: object, variables: tuple[sp.Symbol, ...], constants: Iterable[str], what: str
) -> None:
    """Raise SpecError unless `expression` is SymPy's, over these variables and constants alone."""
    if not isinstance(expression, sp.Expr):
        raise SpecError(
            f"{what} needs a SymPy expression, not {printable(repr(expression))}",
            hint="for example sympy.Symbol('z', real=True)**3",
        )
    known = set(constants)
    for symbol in sorted(expression.free_symbols - set(variables), key=str):
        name = str(symbol)
        if any(name == variable.name for variable in variables):
            raise SpecError(
                f"{what} is written with another symbol '{name}' than its variable '{name}'",
                hint=f"the variable is Symbol('{name}', real=True); or give variable= your own",
            )
        if name not in known:
            raise SpecError(
                f"{what} holds the symbol '{printable(name)}', which is neither its variable "
                "nor one of its constants",
                hint=f"give constants={{'{printable(name)}': a number}}",
            )


def _rows() -> tuple[Activation, ...]:
    alpha, beta = entry("alpha"), entry("beta")
    half = sp.Rational(1, 2)
    bend = sp.sqrt(2 / sp.pi) * (Z + sp.Rational(44715, 1000000) * Z**3)
    zero = sp.Integer(0)
    return (
        Activation("identity", Z),
        Activation("sigmoid", 1 / (1 + sp.exp(-Z)), range="(0, 1)", facts=facts("in (0,1)")),
        Activation("tanh", sp.tanh(Z), range="(-1, 1)", facts=facts("in (-1,1)")),
        Activation(
            "relu",
            sp.Piecewise((Z, Z > 0), (0, True)),
            range="[0, inf)",
            facts=facts("nonnegative"),
            kinks=((zero, "relu'(0) = 0"),),
            analytic=False,
        ),
        Activation(
            "leaky-relu",
            sp.Piecewise((Z, Z > 0), (alpha * Z, True)),
            kinks=((zero, "leaky_relu'(0) = alpha"),),
            constants={"alpha": 0.01},
            analytic=False,
        ),
        Activation(
            "elu",
            sp.Piecewise((Z, Z > 0), (beta * (sp.exp(Z) - 1), True)),
            range="(-beta, inf)",
            kinks=((zero, "elu'(0) = beta"),),
            constants={"beta": 1.0},
            analytic=False,
        ),
        Activation("softplus", sp.log(1 + sp.exp(Z)), range="(0, inf)", facts=facts("positive")),
        Activation("silu", Z / (1 + sp.exp(-Z)), range="[-0.279, inf)"),
        Activation("gelu-tanh", half * Z * (1 + sp.tanh(bend)), range="[-0.171, inf)"),
        Activation("sin", sp.sin(Z), range="[-1, 1]"),
        Activation("exp", sp.exp(Z), range="(0, inf)", facts=facts("positive")),
        Activation("f", None, range="unknown"),
    )


ACTIVATIONS: Mapping[str, Activation] = {row.name: row for row in _rows()}


def activation(given: str | Activation) -> Activation:
    """The row of that name, or the user's own object unchanged. Raises UnknownName."""
    if isinstance(given, Activation):
        return given
    name = given.replace("_", "-").lower()
    if name not in ACTIVATIONS:
        raise UnknownName("activation", given, ACTIVATIONS)
    return ACTIVATIONS[name]

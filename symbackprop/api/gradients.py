"""One derivative of a derivation: as SymPy expression, LaTeX and plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from symbackprop.calculus.expanded import expanded
from symbackprop.calculus.letters import put
from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.written import written
from symbackprop.errors import SpecError, printable
from symbackprop.formula.latex_reader import read_formula
from symbackprop.formula.tree import Deriv, Idx, Num, Ref
from symbackprop.notation import reading_hints, to_meant

if TYPE_CHECKING:
    from symbackprop.api.deriving import Derivation


@dataclass(frozen=True)
class Gradient:
    """dJ/d(entry). `expression` is in delta form: it names the errors; `.expanded()` does not."""

    derivation: Derivation
    ref: Ref
    expression: sp.Expr

    def expanded(self) -> sp.Expr:
        """The whole derivative, errors replaced by what they are."""
        whole = expanded(sweep(self.derivation.system), self.ref.name)
        return put(whole, _placement(self))

    def latex(self) -> str:
        """The statement dJ/dw = ... in the derivation's notation."""
        mathematics = self.derivation.mathematics
        left = Deriv(Ref(self.derivation.system.cost), self.ref)
        return f"{mathematics.latex(left)} = {mathematics.latex(written(self.expression, self.derivation.system))}"

    def __repr__(self) -> str:
        return f"<Gradient by {self.ref.name}: {self.expression}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        latex = f"$\\displaystyle {self.latex()}$"
        return {"text/plain": repr(self), "text/latex": latex, "text/markdown": latex}


def gradient(derivation: Derivation, symbol: str) -> Gradient:
    """The derivative by the entry that `symbol` writes. Raises ReadingError, SpecError."""
    system = derivation.system
    read = read_formula(symbol, reading_hints(derivation.notation, system))
    meant = to_meant(read, derivation.notation, system)
    if not isinstance(meant, Ref) or meant.name not in system.by_name:
        raise SpecError(
            f"'{printable(symbol)}' names no entry of a quantity of this network",
            hint=f"write it as the notation '{derivation.notation.name}' does",
        )
    adjoint = sweep(system, also=[meant.name]).of(meant.name)
    place = {
        letter: _index(index) for letter, index in zip(adjoint.indices, meant.indices, strict=True)
    }
    for guard, expression in adjoint.cases:
        if all(_inside(place.get(letter, letter), low, high) for letter, low, high in guard):
            return Gradient(derivation, meant, put(expression, place))
    raise SpecError(f"'{printable(symbol)}' is out of range")


def _placement(g: Gradient) -> dict[sp.Expr, sp.Expr]:
    indices = g.derivation.system[g.ref.name].indices
    return {letter: _index(index) for letter, index in zip(indices, g.ref.indices, strict=True)}


def _index(index: Any) -> sp.Expr:
    if isinstance(index, Num):
        return sp.Integer(int(index.value))
    if isinstance(index, Idx):
        return sp.Symbol(index.name, integer=True)
    raise SpecError("an index has to be a number or a letter")


def _inside(value: sp.Expr, low: sp.Expr, high: sp.Expr) -> bool:
    return not ((value - low).is_negative or (high - value).is_negative)

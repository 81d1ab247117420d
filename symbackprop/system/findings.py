"""What a check found, with the equation or quantity it is about, so that a spec can point at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from symbackprop.errors import IllFormedSystem, Place, SymbackpropError, UnknownName

if TYPE_CHECKING:
    from symbackprop.system.model import Equation


@dataclass(frozen=True, slots=True)
class Finding:
    """message and hint for people; `name` is the word in the equation that is at fault, if any.

    With `of_value` it is the value of `quantity` that is wrong.
    """

    message: str
    hint: str = ""
    equation: Equation | None = None
    quantity: str = ""
    name: str = ""
    of_value: bool = False

    @staticmethod
    def of(error: UnknownName, equation: Equation | None = None, quantity: str = "") -> Finding:
        """The finding that says what an UnknownName says."""
        return Finding(error.message, error.hint, equation, quantity)

    def error(self, place: Place | None = None) -> SymbackpropError:
        message = self.message
        if place is None and self.equation is not None and self.equation.label:
            message += f"  (in: {self.equation.label})"
        return IllFormedSystem(message, place=place, hint=self.hint)

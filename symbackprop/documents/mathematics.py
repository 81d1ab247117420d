"""Meant formulas as LaTeX in one notation: the only place where notation and LaTeX writer meet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from symbackprop.formula.latex_writer import write
from symbackprop.formula.style import Style
from symbackprop.formula.tree import Call, Chain, Formula, Idx, Ref
from symbackprop.notation import to_written, writing_style, written_range
from symbackprop.notation.base import Notation
from symbackprop.notation.slots import rate_name
from symbackprop.system.model import System

LINE_WIDTH = 40.0
"""Printed width of a display in em: an A4 page with margins of 22 mm, less some air."""


@dataclass(frozen=True)
class Mathematics:
    """Writes formulas of `system` in `notation`."""

    notation: Notation
    system: System
    _displays: dict[object, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def style(self) -> Style:
        # The narrator marks the derivatives that the book writes as operators; the others are fractions.
        return replace(writing_style(self.notation, self.system), derivative="fraction")

    @property
    def rate(self) -> Formula:
        return Ref(rate_name(self.system))

    def of(self, system: System) -> Mathematics:
        """The same notation for another system."""
        return self if system is self.system else Mathematics(self.notation, system)

    def written(self, formula: Formula) -> Formula:
        """The formula in the notation's symbols."""
        return to_written(formula, self.notation, self.system)

    def latex(self, formula: Formula) -> str:
        """One line of LaTeX without delimiters."""
        return write(self.written(formula), self.style)

    def plain(self, formula: Formula) -> str:
        """As `latex`, of symbols that are the notation's already."""
        return write(formula, self.style)

    def function(self, name: str) -> str:
        """The name of a function of the system as the notation writes it."""
        argument = Ref(self.system.cost)
        called = write(self.written(Call(name, (argument,))), self.style)
        return called.split("(")[0].strip()

    def range(self, letter: Formula, lower: Formula, upper: Formula) -> str:
        r"""`l = 1, \ldots, L`."""
        low, high = written_range(lower, upper, self.notation, self.system)
        # The letter itself: alone, a layer letter would be written as the number that it stands for.
        symbol = (
            self.notation.write_symbol(letter, self.system)
            if isinstance(letter, Idx)
            else self.written(letter)
        )
        first = write(Chain((symbol, low), ("=",)), self.style)
        return rf"{first}, \ldots, {write(high, self.style)}"

    def display(self, chains: tuple[Chain, ...], width: float = LINE_WIDTH) -> str:
        """The inside of a display: one line, or an `aligned` block broken to the width."""
        key = (chains, width)
        if key not in self._displays:
            self._displays[key] = self._display(chains, width)
        return self._displays[key]

    def _display(self, chains: tuple[Chain, ...], width: float) -> str:
        from symbackprop.formula.breaking import write_chain_aligned

        written = tuple(
            c for c in (self.written(chain) for chain in chains) if isinstance(c, Chain)
        )
        return write_chain_aligned(written, width, self.style)

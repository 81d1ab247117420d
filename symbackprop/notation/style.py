"""How a book writes what is not a symbol: signs, orders, forms. Data for writers and narrators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from symbackprop.formula.tree import Formula, Idx

KINDS = {
    "unit": ("j", "k", "m", "i", "r"),
    "layer": ("l", "r"),
    "sample": ("n",),
    "time": ("t", "s"),
}
"""Canonical index letters by what they count, in the order in which they should be used up."""


@dataclass(frozen=True, slots=True)
class WritingStyle:
    r"""product: between factors ('' side by side, 'cdot', 'times', '*'). hadamard: 'odot',
    'bullet', 'circ'.

    derivative: 'fraction' (dJ/dw in one fraction) or 'operator' (d/dw J). kronecker: 'bracket' ([m
    = j]) or 'delta'. difference: 'output first' (a - y) or 'target first' (-(y - a)). factors:
    'error first' (delta a) or 'value first' (a delta). activation: 'named' (sigma(z)), 'written'
    (1/(1+e^-z)) or 'both'. exp: 'e' (e^z) or 'exp'; log: 'log' or 'ln'; log_brackets: always
    log(x), or only where needed. update: '<-' or '='. transpose: 'T' or 'top'. output: another name
    of the last activation. total: name of the cost of all samples, where it is another than that of
    one. sums: with 'bounds', or 'bare' (over k) where the axis says how far.
    cost_of_one, cost_of_all: arguments that the book writes after the cost (W, b; x, y). errors:
    roles whose derivative of the cost has a letter (delta). weights: 'receiver first' or 'sender
    first' (the matrix view). chain: 'cost first' or 'cost last' (dz/dw dC/dz).
    """

    product: Literal["", "cdot", "times", "*"] = ""
    hadamard: Literal["odot", "bullet", "circ"] = "odot"
    derivative: Literal["fraction", "operator"] = "fraction"
    kronecker: Literal["bracket", "delta"] = "bracket"
    difference: Literal["output first", "target first"] = "output first"
    factors: Literal["error first", "value first"] = "error first"
    chain: Literal["cost first", "cost last"] = "cost first"
    activation: Literal["named", "written", "both"] = "named"
    exp: Literal["e", "exp"] = "e"
    log: Literal["log", "ln"] = "log"
    log_brackets: bool = False
    update: Literal["<-", "="] = "<-"
    transpose: Literal["T", "top"] = "T"
    output: str = ""
    cost_of_one: tuple[str, ...] = ()
    cost_of_all: tuple[str, ...] = ()
    errors: tuple[str, ...] = ("pre-activation",)
    total: str = ""
    sums: Literal["bounds", "bare"] = "bounds"
    weights: Literal["receiver first", "sender first"] = "receiver first"
    forward_layer: Formula = field(default_factory=lambda: Idx("l"))
    """The canonical layer at which weighted sums and the derivatives by parameters are stated: l,
    or l + 1 where the book numbers weights by their sender's layer."""

"""The entries of a layered network, at a layer that is a number or a letter.

A fixed-depth network names its layers (`W2`), a generic one indexes them (`w[l]`); the narrator of the
index view speaks of both through this class.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import expanded
from symbackprop.errors import UnsupportedForm
from symbackprop.formula.tree import (
    ONE,
    Array,
    Call,
    Deriv,
    Formula,
    Idx,
    Num,
    Ref,
    Sum,
    add,
    mul,
    num,
    sub,
)
from symbackprop.system.model import ADJOINT, System

LAYER = Idx("l")

FAMILY = {"weight": "w", "bias": "b", "pre-activation": "z", "activation": "a"}
FIXED = {"weight": "W", "bias": "b", "pre-activation": "z", "activation": "a"}


@dataclass(frozen=True)
class Layers:
    """A layered system of one sample.

    letters: receiver, sender, and two more index letters. errors: roles whose adjoint has a name. stated: the
    layer at which weighted sums and parameters of a generic network are stated (l, or l + 1 where
    the book numbers weights by their sender). target_first: the book writes y - a.
    sender_first: a row of its weight matrices belongs to a sender.
    """

    system: System
    letters: tuple[str, ...]
    errors: tuple[str, ...]
    stated: Formula = LAYER
    target_first: bool = False
    sender_first: bool = False

    @cached_property
    def generic(self) -> bool:
        return self.system.about.kind == "generic-mlp"

    @cached_property
    def depth(self) -> Formula:
        """L: a letter for a generic network, else a number."""
        depth = self.system.about.depth
        if depth is None:
            raise UnsupportedForm("this network has no layers")
        return Num(str(depth)) if depth.is_Integer else Idx(str(depth))

    @cached_property
    def cost(self) -> Ref:
        return Ref(self.system.cost)

    def letter(self, i: int) -> Idx:
        return Idx(self.letters[i])

    @cached_property
    def layer(self) -> Idx:
        return Idx("l")

    # --- entries -------------------------------------------------------------------------------

    def _at(self, role: str, layer: Formula, *indices: Formula, prefix: str = "") -> Ref:
        if self.generic:
            return Ref(prefix + FAMILY[role], (layer, *indices))
        assert isinstance(layer, Num)
        return Ref(f"{prefix}{FIXED[role]}{layer.text}", indices)

    def z(self, layer: Formula, j: Formula) -> Ref:
        return self._at("pre-activation", layer, j)

    def a(self, layer: Formula, j: Formula) -> Ref:
        """The activation; layer 0 is the input."""
        if layer == num(0) and not self.generic:
            return Ref("x", (j,))
        return self._at("activation", layer, j)

    def w(self, layer: Formula, j: Formula, k: Formula) -> Ref:
        return self._at("weight", layer, j, k)

    def b(self, layer: Formula, j: Formula) -> Ref | None:
        """The bias; without index where a layer shares it; None where there is none."""
        match self.system.about.bias:
            case "none":
                return None
            case "layer":
                return self._at("bias", layer)
        return self._at("bias", layer, j)

    def delta(self, layer: Formula, j: Formula) -> Formula:
        """The error dJ/dz: named where the notation names it."""
        z = self.z(layer, j)
        return Ref(ADJOINT + z.name, z.indices) if "pre-activation" in self.errors else self.d(z)

    def d(self, node: Ref | Array) -> Deriv:
        return Deriv(self.cost, node)

    def y(self, j: Formula) -> Ref:
        return Ref("y", (j,))

    # --- whole arrays ----------------------------------------------------------------------------

    def array(self, role: str, layer: Formula, *, error: bool = False) -> Array:
        """The vector or matrix of a layer."""
        prefix = ADJOINT if error else ""
        if role == "activation" and layer == num(0) and not self.generic:
            return Array(prefix + "x")
        if self.generic:
            return Array(prefix + FAMILY[role], (layer,))
        assert isinstance(layer, Num)
        return Array(f"{prefix}{FIXED[role]}{layer.text}")

    # --- sizes -------------------------------------------------------------------------------------

    def width(self, layer: Formula) -> Formula:
        """The number of neurons of a layer."""
        if self.generic:
            return Ref("s", (layer,))
        assert isinstance(layer, Num)
        return written(self.system.about.widths[int(layer.value)], self.system)

    def over(self, body: Formula, index: Idx, layer: Formula) -> Sum:
        """The sum over the neurons of a layer."""
        return Sum(body, index, ONE, self.width(layer))

    def before(self, layer: Formula) -> Formula:
        return expanded(sub(layer, ONE)) if isinstance(layer, Num) else _shifted(layer, -1)

    def after(self, layer: Formula) -> Formula:
        return expanded(add(layer, ONE)) if isinstance(layer, Num) else _shifted(layer, 1)

    # --- equations ------------------------------------------------------------------------------------

    def weighted_sum(self, layer: Formula, j: Formula, k: Idx) -> Formula:
        """The right side of z = sum w a + b."""
        body = mul(self.w(layer, j, k), self.a(self.before(layer), k))
        total = self.over(body, k, self.before(layer))
        b = self.b(layer, j)
        return total if b is None else add(total, b)

    def function_of(self, layer: Formula) -> str:
        """The activation of a layer, by its name in the equations ('softmax' for a softmax output)."""
        names = self.system.about.activations
        if self.generic:
            name = names[-1] if layer == self.depth else names[0]
        else:
            assert isinstance(layer, Num)
            name = names[int(layer.value) - 1]
        return name.replace("-", "_")

    def is_softmax(self, layer: Formula) -> bool:
        return self.function_of(layer) == "softmax"

    def apply(self, layer: Formula, argument: Formula, primes: int = 0) -> Formula:
        name = self.function_of(layer)
        if name == "identity":
            return argument if primes == 0 else ONE
        return Call(name, (argument,), primes)

    def slope(self, layer: Formula, j: Formula) -> Formula:
        """f'(z) of a neuron, by that name."""
        return self.apply(layer, self.z(layer, j), 1)


def _shifted(layer: Formula, by: int) -> Formula:
    """l + 1, l - 1, with l + 1 - 1 written l."""
    return expanded(add(layer, num(by)))

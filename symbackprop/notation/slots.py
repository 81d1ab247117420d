"""Slots: what a symbol stands for, apart from any letters.

    Ref("W2", (1, j))  <->  Slot("weight", layer=2, indices=(1, j))  <->  w^{3}_{1j} | W^{(2)}_{1j} | w_{21,1j}
           system                                                          notation

The left arrow is here (it needs the system); the right one is the notation's.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.formula.tree import Formula

ERROR = "error:"
"""Prefix of a slot role for an adjoint: 'error:pre-activation' is dJ/dz, the error (delta)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """role: a quantity role or ERROR + role. `layer` None where the network has no layers.

    `indices`: the remaining indices (receiver, sender for a weight). `whole`: an array, its remaining
    axes not indexed. `name`: the quantity's own name (used where a notation has no pattern of the role).
    """

    role: str
    name: str
    layer: Formula | None
    indices: tuple[Formula, ...] = ()
    whole: bool = False

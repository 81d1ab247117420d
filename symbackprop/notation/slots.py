"""Slots: what a symbol stands for, apart from any letters.

    Ref("W2", (1, j))  <->  Slot("weight", layer=2, indices=(1, j))  <->  w^{3}_{1j} | w_{21,1j}
                     system                                         notation

The left arrow is here (it needs the system); the right one is the notation's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import sympy as sp

from symbackprop.errors import NotationError, UnknownName
from symbackprop.formula.tree import Array, Formula, Idx, Neg, Num, Ref, add, mul
from symbackprop.system.model import ADJOINT, Description, Function, Quantity

ERROR = "error:"
"""Prefix of a slot role for an adjoint: 'error:pre-activation' is dJ/dz, the error (delta)."""

SIZE = "s"
"""`s[l]`, the width of layer l, in a network of symbolic depth (it is no quantity)."""

COST_PART = "J.part"
"""The part of the cost that belongs to one output, where a network has it as a quantity."""

ACCUMULATED = "acc."
"""`acc.W` is the sum over the samples of the sample costs' gradients by `W`: Delta W."""

DIFFERENTIAL = "dif."
"""`dif.a1` is a small change of a1 and what follows from it to first order, written da."""

SAMPLE_COST = "J.one"
"""The cost of one sample inside a batch: an entry for each sample, in the role 'sample cost'."""

LAYERLESS_ROLES = ("input", "target", "cost", "sample cost", "cost part")
"""Roles that a network has once, so that a symbol need not say their layer."""


class Network(Protocol):
    """What a notation needs to know of a System."""

    @property
    def quantities(self) -> tuple[Quantity, ...]: ...
    @property
    def by_name(self) -> Mapping[str, Quantity]: ...
    @property
    def functions(self) -> tuple[Function, ...]: ...
    @property
    def sizes(self) -> tuple[sp.Symbol, ...]: ...
    @property
    def about(self) -> Description: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """role: a quantity role or ERROR + role. `layer` None where the network has no layers.

    `indices`: the remaining indices (receiver, sender for a weight). `whole`: an array, its
    remaining axes not indexed. `name`: the quantity's own name (used where a notation has no
    pattern of the role). `sample`: the sample index, where the quantity has one and it is fixed.
    `batch`: the quantity has a sample axis that is not fixed: the whole is the array of all
    samples.
    """

    role: str
    name: str
    layer: Formula | None
    indices: tuple[Formula, ...] = ()
    whole: bool = False
    sample: Formula | None = None
    batch: bool = False


def role_of(quantity: Quantity) -> str:
    """The role that patterns go by."""
    special = {SAMPLE_COST: "sample cost", COST_PART: "cost part"}
    return special.get(quantity.name, quantity.role)


def rate_name(system: Network) -> str:
    """The name a Ref to the learning rate has: 'eta', unless the system has such a quantity."""
    return "eta." if "eta" in system.by_name else "eta"


def is_family(quantity: Quantity) -> bool:
    """Whether the first axis counts layers."""
    return bool(quantity.axes) and quantity.axes[0].kind == "layer"


def has_samples(quantity: Quantity) -> bool:
    """Whether the quantity has a value for each sample (its first axis after the layer)."""
    at = 1 if is_family(quantity) else 0
    return len(quantity.axes) > at and quantity.axes[at].kind == "sample"


def unit_axes(quantity: Quantity) -> int:
    """The number of axes that are neither the layer's nor the samples'."""
    return len(quantity.axes) - is_family(quantity) - has_samples(quantity)


def slot_of(ref: Ref | Array, system: Network) -> Slot:
    """The slot of an entry or array. Raises UnknownName, or NotationError for too many indices."""
    adjoint = ref.name.startswith(ADJOINT)
    name = ref.name.removeprefix(ADJOINT)
    quantity = system.by_name.get(name)
    if quantity is None:
        raise UnknownName("quantity", name, system.by_name)
    indices = ref.indices
    wanted = len(quantity.axes)
    if len(indices) > wanted or (isinstance(ref, Ref) and len(indices) != wanted):
        raise NotationError(f"'{name}' has {wanted} indices, not {len(indices)}")
    role = (ERROR if adjoint else "") + role_of(quantity)
    layer: Formula | None = None
    if is_family(quantity):
        if not indices:
            return Slot(role, ref.name, None, (), whole=True, batch=has_samples(quantity))
        layer, indices = indices[0], indices[1:]
    elif quantity.layer is not None:
        layer = index_formula(quantity.layer)
    sample: Formula | None = None
    batch = False
    if has_samples(quantity):
        if indices:
            sample, indices = indices[0], indices[1:]
        else:
            batch = True
    whole = batch or len(indices) < unit_axes(quantity)
    return Slot(role, ref.name, layer, indices, whole, sample, batch)


def ref_of(slot: Slot, system: Network) -> Ref | Array | None:
    """The entry or array that a slot means; None if the system has no such quantity.

    With an empty `slot.name` the quantity is found by its role and layer.
    """
    adjoint = slot.role.startswith(ERROR)
    name = slot.name.removeprefix(ADJOINT)
    quantity = system.by_name.get(name) if name else _by_role(slot, system)
    if quantity is None:
        return None
    indices: tuple[Formula, ...] = ()
    if is_family(quantity):
        if slot.layer is None:
            return Array(slot.name, ()) if slot.whole and slot.name else None
        indices += (slot.layer,)
    if slot.sample is not None:
        if not has_samples(quantity):
            return None
        indices += (slot.sample,)
    elif has_samples(quantity) and not slot.batch:
        return None
    indices += slot.indices
    if len(indices) > len(quantity.axes):
        return None
    full = (ADJOINT if adjoint else "") + quantity.name
    if len(indices) < len(quantity.axes):
        return Array(full, indices) if slot.whole else None
    return Ref(full, indices)


def _by_role(slot: Slot, system: Network) -> Quantity | None:
    """The one quantity of that role and layer."""
    role = slot.role.removeprefix(ERROR)
    found = [
        q
        for q in system.quantities
        if role_of(q) == role
        and (
            slot.layer is None
            or is_family(q)
            or (q.layer is not None and index_formula(q.layer) == slot.layer)
        )
    ]
    return found[0] if len(found) == 1 else None


def index_formula(expr: sp.Expr) -> Formula:
    """An index or layer expression (a SymPy sum of letters and integers) as a formula."""
    if expr.is_Integer:
        return Neg(Num(str(-int(expr)))) if int(expr) < 0 else Num(str(int(expr)))
    if expr.is_Symbol:
        return Idx(str(expr.name))
    if expr.is_Add:
        letters = sorted((t for t in expr.args if not t.is_Integer), key=str)
        numbers = [t for t in expr.args if t.is_Integer]
        return add(*(index_formula(t) for t in (*letters, *numbers)))
    if expr.is_Mul and expr.could_extract_minus_sign():
        return Neg(index_formula(-expr))
    if expr.is_Mul:
        return mul(*(index_formula(t) for t in expr.args))
    raise NotationError(f"'{expr}' is no index")

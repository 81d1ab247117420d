"""Claims about a layer l of a network of any depth L, by the one-step chain rule.

What lies above the layers that a claim speaks of enters only through the errors at the next layer,
and what lies below only through closed pre-activations. So a claim about l + c holds at every depth if it
holds, with the errors above kept as atoms, at each position of small networks: touching the bottom,
inside, touching the top, and both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Node
from symbackprop.judging.instance import Instance
from symbackprop.judging.letters import affine, integer
from symbackprop.judging.problems import Problem
from symbackprop.judging.spread import Refused
from symbackprop.judging.trials import Names
from symbackprop.system.model import ADJOINT, System


@dataclass(frozen=True, slots=True)
class Window:
    """letter: the layer letter ('' for a claim about fixed layers, 'L' counted from the top).

    depths: the depths to try; together they show all depths.
    """

    letter: str
    depths: tuple[int, ...]


def layer_axis(system: System, name: str) -> int | None:
    q = system.by_name.get(name.removeprefix(ADJOINT))
    if q is None:
        return None
    return next((k for k, a in enumerate(q.axes) if a.kind in ("layer", "time")), None)


def window(system: System, names: Names, members: Sequence[t.Formula], margin: int = 0) -> Window:
    """The layers (or times) that a claim speaks of. Raises Refused for a form without such a window.

    names: those of its sizes, one depth among them.
    margin: further depths to try, for a letter that does not run over its whole axis.
    """
    timed = any(a.kind == "time" for q in system.quantities for a in q.axes)
    (deep,), widths = names[1], set(names[2])
    anchors: dict[str, list[int]] = {}
    stack: list[tuple[t.Formula, bool]] = [(m, False) for m in members]
    while stack:
        f, differentiated = stack.pop()
        if isinstance(f, t.Deriv | t.Grad):
            stack.append((f.of, True))
            stack.append((f.by, False))
            if (
                timed
                and isinstance(f.by, t.Ref | t.Array)
                and layer_axis(system, f.by.name) is None
            ):
                raise Refused("a derivative by what all times share")
            continue
        if isinstance(f, t.Sum | t.Prod) and _layers_of(system, f):
            raise Refused("a sum over layers")
        if isinstance(f, t.Ref | t.Array):
            axis = layer_axis(system, f.name)
            q = system.by_name.get(f.name.removeprefix(ADJOINT))
            if q is None:
                if f.name not in {s.name for s in system.sizes} | widths:
                    raise Refused("a name without a layer")
            elif axis is not None and axis < len(f.indices):
                letters, constant = affine(f.indices[axis])
                if len(letters) > 1 or any(c != 1 for c in letters.values()):
                    raise Refused("a layer index that is no letter plus a number")
                anchors.setdefault(next(iter(letters), ""), []).append(constant)
            elif axis is not None:
                raise Refused("all layers at once")
            elif timed and f.name.startswith(ADJOINT):
                raise Refused("a derivative by what all times share")
            elif q.role == "input":
                anchors.setdefault("", []).append(0)
            elif q.role == "target":
                anchors.setdefault(deep, []).append(0)
            elif q.role == "cost" and not differentiated:
                if timed or not cost_is_of_the_top(system, deep):
                    raise Refused("the cost itself")
                anchors.setdefault(deep, []).append(0)
            continue
        if isinstance(f, t.Idx) and f.name == deep:
            raise Refused("the depth as a number")
        stack.extend((c, False) for c in f.children())
    if len(anchors) != 1:
        raise Refused("layers counted from different ends")
    (letter, constants), *_ = anchors.items()
    span = max(constants) - min(constants) if letter else max(constants)
    reach = span + max(0, -min(constants)) if letter == deep else span
    return Window(letter, tuple(range(1, reach + margin + 4)))


def cost_is_of_the_top(system: System, deep: str) -> bool:
    """Whether the cost's equation names entries of the last layer only."""
    for e in system.equations_of[system.cost]:
        for a in e.rhs.atoms(sp.Indexed):
            axis = layer_axis(system, str(a.base.label))
            if axis is not None and str(a.indices[axis]) != deep:
                return False
    return True


def _layers_of(system: System, f: t.Sum | t.Prod) -> bool:
    """Whether a sum runs over layers."""
    for node in f.body.walk():
        if isinstance(node, t.Ref | t.Array):
            axis = layer_axis(system, node.name)
            if axis is not None and axis < len(node.indices):
                letters = [i.name for i in node.indices[axis].walk() if isinstance(i, t.Idx)]
                if f.index.name in letters:
                    return True
    return False


def highest(instance: Instance, members: Sequence[t.Formula], env: dict[str, int]) -> int:
    """The highest layer that the claim speaks of, at these values of its letters."""
    system = instance.system
    found = 0
    for m in members:
        for node in m.walk():
            if isinstance(node, t.Ref | t.Array):
                axis = layer_axis(system, node.name)
                if axis is not None and axis < len(node.indices):
                    try:
                        found = max(found, integer(node.indices[axis], env, instance.sizes))
                    except Problem:
                        raise Refused("a layer index that is not free") from None
    return found


def errors_above(instance: Instance, layer: int) -> frozenset[Node]:
    """Derivatives of the cost by entries above a layer: atoms for the one-step chain rule."""
    arena = instance.arena
    top = instance.entry(instance.system.cost, ())
    found = set()
    for (of, by), node in instance.known_adjoints():
        if of != top or arena.op[by] != "var":
            continue
        name, indices = arena.args[by]
        axis = layer_axis(instance.system, name)
        if axis is not None and indices[axis] > layer:
            if arena.op[node] in ("num", "var"):
                raise Refused("an error above that is a constant")
            found.add(node)
    return frozenset(found)


def is_ladder(instance: Instance) -> bool:
    """Whether entries of a layer (time) are used only there, in the next one, or in the cost.

    Layers: the cost reads computed entries of the last layer only. Times: the cost may read entries
    of every time, if its derivative by one of them reads that time only.
    """
    arena, system = instance.arena, instance.system
    timed = any(a.kind == "time" for q in system.quantities for a in q.axes)
    cost = instance.entry(system.cost, ())
    for user, rhs in instance.definition.items():
        if user == cost:
            continue
        name, indices = arena.args[user]
        axis = layer_axis(system, name)
        if axis is None:
            return False
        for v in arena.variables(rhs):
            below, place = arena.args[v]
            if below.startswith("#"):
                continue
            k = layer_axis(system, below)
            if k is not None:
                if place[k] not in (indices[axis], indices[axis] - 1):
                    return False
                continue
            role = system.by_name[below].role
            if role == "input" and indices[axis] == 0:
                continue
            if role != "constant" and not (timed and system.by_name[below].is_parameter):
                return False
    return _cost_by_times(instance, cost) if timed else _cost_reads_the_top(instance, cost)


def _cost_by_times(instance: Instance, cost: Node) -> bool:
    """Whether the derivative of the cost by an entry reads entries of the same time only."""
    arena, system = instance.arena, instance.system
    for v, local in instance.direct(cost).items():
        name, indices = arena.args[v]
        if name.startswith("#"):
            continue
        axis = layer_axis(system, name)
        if axis is None:
            return False
        for other in arena.variables(local):
            below, place = arena.args[other]
            k = None if below.startswith("#") else layer_axis(system, below)
            if k is not None and place[k] != indices[axis]:
                return False
    return True


def _cost_reads_the_top(instance: Instance, cost: Node) -> bool:
    """Whether the cost reads computed entries of the last layer only (and any parameters)."""
    arena, system = instance.arena, instance.system
    layers = {
        v: arena.args[v][1][layer_axis(system, arena.args[v][0]) or 0]
        for v in instance.definition
        if v != cost
    }
    depth = max(layers.values(), default=0)
    return all(
        layers[v] == depth for v in arena.variables(instance.definition[cost]) if v in layers
    )

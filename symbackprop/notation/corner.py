"""The corner of a notation's domain: small networks on which its symbols are enumerated.

A notation is refused at construction if on one of them two things are written alike. The networks
are bare lists of quantities: a notation looks at nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import sympy as sp

from symbackprop.errors import NotationError
from symbackprop.formula.tree import Array, Formula, Idx, Neg, Num, Ref, Sym, add
from symbackprop.notation.lettering import Lettering
from symbackprop.notation.rows import describe
from symbackprop.notation.slots import SIZE, index_formula, rate_name
from symbackprop.system.model import (
    ADJOINT,
    Axis,
    Description,
    Function,
    Quantity,
    index,
    size,
)

if TYPE_CHECKING:
    from symbackprop.notation.base import Notation

J, K, N, LAYER = index("j"), index("k"), index("n"), index("l")


@dataclass(frozen=True)
class Corner:
    """A bare network: quantities without equations."""

    quantities: tuple[Quantity, ...]
    about: Description
    sizes: tuple[sp.Symbol, ...] = ()
    functions: tuple[Function, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Quantity]:
        return {q.name: q for q in self.quantities}


def layers(
    widths: tuple[int, ...], bias: str = "unit", samples: bool = False, kind: str = "mlp"
) -> Corner:
    """The quantities of a multilayer perceptron."""
    m = size("m")
    batch = (Axis(N, m, kind="sample", space="samples"),) if samples else ()
    last = len(widths) - 1
    found = [
        Quantity("x", "input", (*batch, Axis(K, sp.Integer(widths[0]), space="0")), sp.Integer(0))
    ]
    for l in range(1, last + 1):  # noqa: E741
        to = Axis(J, sp.Integer(widths[l]), space=str(l))
        sent = Axis(K, sp.Integer(widths[l - 1]), space=str(l - 1))
        at = sp.Integer(l)
        found.append(Quantity(f"W{l}", "weight", (to, sent), at))
        if bias != "none":
            found.append(Quantity(f"b{l}", "bias", (to,) if bias == "unit" else (), at))
        found.append(Quantity(f"z{l}", "pre-activation", (*batch, to), at))
        found.append(Quantity(f"a{l}", "activation", (*batch, to), at))
    outputs = Axis(J, sp.Integer(widths[last]), space=str(last))
    found += [
        Quantity("y", "target", (*batch, outputs), sp.Integer(last)),
        Quantity("lambda", "constant"),
        Quantity("J", "cost"),
    ]
    about = Description(
        kind=kind,
        bias=bias,
        widths=tuple(sp.Integer(w) for w in widths),
        depth=sp.Integer(last),
    )
    return Corner(tuple(found), about, (m,) if samples else ())


def any_depth(samples: bool = False, bias: str = "unit") -> Corner:
    """The quantities of a network of symbolic depth."""
    m, depth = size("m"), size("L")
    width = sp.IndexedBase(sp.Symbol(SIZE, integer=True, positive=True))
    batch = (Axis(N, m, kind="sample", space="samples"),) if samples else ()
    over = Axis(LAYER, depth, kind="layer", space="layers")
    all_over = Axis(LAYER, depth, sp.Integer(0), kind="layer", space="layers")
    to = Axis(J, width[LAYER], space="s[l]")
    sent = Axis(K, width[LAYER - 1], space="s[l-1]")
    found = (
        Quantity("x", "input", (*batch, Axis(J, width[0], space="s[0]")), sp.Integer(0)),
        Quantity("w", "weight", (over, to, sent), LAYER),
        Quantity("b", "bias", (over, to) if bias == "unit" else (over,), LAYER),
        Quantity("z", "pre-activation", (over, *batch, to), LAYER),
        Quantity("a", "activation", (all_over, *batch, to), LAYER),
        Quantity("y", "target", (*batch, Axis(J, width[depth], space="s[L]")), depth),
        Quantity("lambda", "constant"),
        Quantity("J", "cost"),
    )
    about = Description(kind="generic-mlp", bias=bias, widths=(width[LAYER],), depth=depth)
    return Corner(found, about, (depth, m) if samples else (depth,))


def standard() -> tuple[Corner, ...]:
    """Rectangular and square, deep and flat, wide beyond one digit, shared biases, samples, any
    depth."""
    return (
        layers((2, 1), kind="neuron"),
        layers((3, 1), kind="neuron"),
        layers((2, 2, 2)),
        layers((2, 1, 2)),
        layers((3, 1, 3)),
        layers((3, 4, 2, 2), samples=True),
        layers((2, 3, 2), bias="layer"),
        layers((12, 11, 10)),
        any_depth(),
        any_depth(samples=True, bias="layer"),
    )


def check_corners(notation: Notation, corners: tuple[Corner, ...] | None = None) -> None:
    """Raise NotationError if on a corner of the domain two things are written alike.

    `corners`: default those of the notation, and where it names none the standard ones.
    """
    chosen = notation.corners if corners is None else corners
    for corner in standard() if chosen is None else chosen:
        if notation.domain(corner):
            continue
        lettering = Lettering(notation, corner)
        if lettering.clashes:
            names = " and ".join(sorted(lettering.clashes))
            raise NotationError(
                f"the notation '{notation.name}' is ambiguous: it writes {names} alike"
            )
        seen: dict[Sym, Ref | Array] = {}
        for thing in things(corner):
            try:
                sym = lettering.write(thing)
            except NotationError:
                continue
            other = seen.setdefault(sym, thing)
            if other != thing:
                raise NotationError(
                    f"the notation '{notation.name}' is ambiguous: {describe(other)} and "
                    f"{describe(thing)} are written alike, {sym.base} {sym.sub} {sym.sup}"
                )


def things(corner: Corner) -> Iterator[Ref | Array]:
    """Entries, whole arrays and their adjoints; of wide axes only the telling indices."""
    yield Ref(rate_name(corner))
    if any(q.axes and q.axes[0].kind == "layer" for q in corner.quantities):
        yield from (
            Ref(SIZE, (i,)) for i in (Idx("l"), add(Idx("l"), Num("1")), Idx("L"), Num("0"))
        )
    for q in corner.quantities:
        for name in (q.name, ADJOINT + q.name):
            for indices in product(*(_telling(axis) for axis in q.axes)):
                yield Ref(name, indices)
            for count in range(len(q.axes)):
                for indices in product(*(_telling(axis) for axis in q.axes[:count])):
                    yield Array(name, indices)


def _telling(axis: Axis) -> tuple[Formula, ...]:
    letter = Idx(str(axis.index))
    found: list[Formula] = [letter]
    if axis.kind == "layer":
        found += [add(letter, Num("1")), add(letter, Neg(Num("1"))), Num("1"), Num("2"), Idx("L")]
    elif axis.upper.is_Integer:
        top = int(axis.upper)
        chosen = range(1, top + 1) if top < 6 else (1, 2, top - 1, top)
        found += [index_formula(sp.Integer(i)) for i in chosen]
    else:
        found += [Num("1"), Num("11"), add(letter, Num("1"))]
    return tuple(found)

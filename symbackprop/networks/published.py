"""Figures that others have published for a network of ours, to compare with.

Mazur: "A Step by Step Backpropagation Example" (2015); half squared error, rate 0.5, the shared biases are
not updated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One published number, exactly as printed.

    kind: 'value' (of an entry), 'error' (of a pre-activation), 'gradient' or 'updated' (of a parameter),
    'cost after' (one update).
    """

    kind: str
    name: str
    indices: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Published:
    """digits: how many the document shows; frozen: parameters that are not updated."""

    figures: tuple[Figure, ...]
    digits: int
    frozen: tuple[str, ...] = ()


def _matrix(kind: str, name: str, texts: str) -> tuple[Figure, ...]:
    """Four figures of a 2x2 matrix, by rows."""
    places = ((1, 1), (1, 2), (2, 1), (2, 2))
    return tuple(Figure(kind, name, p, x) for p, x in zip(places, texts.split(), strict=True))


def _vector(kind: str, name: str, texts: str) -> tuple[Figure, ...]:
    return tuple(Figure(kind, name, (i,), x) for i, x in enumerate(texts.split(), start=1))


_MAZUR = Published(
    (
        *_vector("value", "a1", "0.593269992 0.596884378"),
        *_vector("value", "a2", "0.751365070 0.772928465"),
        Figure("value", "J", (), "0.298371109"),
        *_vector("error", "z2", "0.138498562 -0.038098237"),
        *_vector("error", "z1", "0.008771355 0.009954255"),
        *_matrix("gradient", "W1", "0.000438567734 0.000877135469 0.000497712735 0.000995425471"),
        *_matrix("gradient", "W2", "0.082167040564 0.082667627848 -0.022602540477 -0.022740242216"),
        *_matrix("updated", "W2", "0.358916479718 0.408666186076 0.511301270239 0.561370121108"),
        Figure("cost after", "J", (), "0.291027924"),
    ),
    digits=12,
    frozen=("b1", "b2"),
)

PUBLISHED: Mapping[str, Published] = {"mazur": _MAZUR}

r"""Entries of a product that is defined whole: `S_{ij} = q_i \cdot k_j` beside `S = Q K^\top`."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TEXT = r"""
Queries are rows $q_i$ and keys rows $k_i$.
$$S = Q K^\top$$
"""


@pytest.mark.parametrize(
    ("entries", "right"),
    [
        (r"q_i \cdot k_j", True),
        (r"k_j \cdot q_i", True),
        (r"q_i \cdot k_i", False),
        (r"q_j \cdot k_i", False),
        (r"q_j \cdot k_j", False),
        (r"q_i \cdot q_j", False),
    ],
)
def test_the_second_letter_is_an_index(entries: str, right: bool) -> None:
    found = verify(f"{TEXT}\n$$S_{{ij}} = {entries}$$").equations[-1].verdict
    assert (found == "proved") == right
    assert right or found in ("refuted", "ill_formed", "not_understood")


def test_bare_and_lettered_symbols_of_layers_stand_side_by_side() -> None:
    text = r"Let $h$ be a state and $h_{l+1} = h_l + F(h_l)$. For a matrix $A$, $A h$ is a vector."
    assert verify(text).equations[0].verdict == "definition"

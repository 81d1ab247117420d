r"""U beside the u_w: the matrix of their rows, but where the prose says columns."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

WORDS = r"""
$$p_w = \frac{\exp(u_w^\top v)}{\sum_{k} \exp(u_k^\top v)}, \quad J = -\sum_w y_w \log p_w$$

where $y$ is a one-hot vector. %s

$$\frac{\partial J}{\partial v} = %s (p - y)$$
"""
ROWS = "The rows of $U$ are the $u_w$."
COLUMNS = "The $u_w$ are the **columns** of $U$."
WITH = "Let $U$ be the matrix with the columns $u_w$."


def verdict(prose: str, claim: str) -> str:
    return verify(WORDS % (prose, claim), budget=20).equations[-1].verdict


def test_rows_as_before():
    assert verdict(ROWS, r"U^\top") in ("proved", "agrees")


@pytest.mark.parametrize("prose", [COLUMNS, WITH])
def test_a_matrix_of_columns_is_no_matrix_of_rows(prose: str):
    assert verdict(prose, r"U^\top") not in ("proved", "agrees", "definition")


def test_another_column_beside_a_matrix_of_rows():
    prose = "The outside vectors are the rows of $U$, targets in the column $y$."
    assert verdict(prose, r"U^\top") in ("proved", "agrees")

r"""Vectors that only inner products tell: `w^\top x_i`. Their transposes are not left out of account."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

LOGISTIC = r"""
$$p_i = \sigma(w^\top x_i)$$
$$\ell(w) = -\sum_{i=1}^n \left[y_i\log p_i + (1-y_i)\log(1-p_i)\right]$$
"""

SQUARES = r"""
$$\ell = \frac12 \sum_{i=1}^n (x_i^\top w - y_i)^2 + \frac{\lambda}{2} \|w\|^2$$
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla \ell(w) = \sum_{i=1}^n (p_i - y_i) x_i", "proved"),
        (r"\nabla^2 \ell(w) = \sum_{i=1}^n p_i (1 - p_i) x_i x_i^\top", "proved"),
        (r"\nabla^2 \ell(w) = \sum_{i=1}^n p_i (1 - p_i) x_i^\top x_i", "ill_formed"),
        (r"\nabla \ell(w) = \sum_{i=1}^n (p_i - y_i) x_i^\top", "ill_formed"),
        (r"\nabla \ell(w) = \sum_{i=1}^n (y_i - p_i) x_i", "refuted"),
    ],
)
def test_logistic_regression_on_vectors(claim: str, verdict: str) -> None:
    assert verify(f"{LOGISTIC}\n$${claim}$$").equations[-1].verdict == verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla_w \ell = \sum_{i=1}^n (x_i^\top w - y_i) x_i + \lambda w", "proved"),
        (r"\nabla_w^2 \ell = \sum_{i=1}^n x_i x_i^\top + \lambda I", "proved"),
        (r"\nabla_w^2 \ell = \sum_{i=1}^n x_i^\top x_i + \lambda", "ill_formed"),
        (r"\nabla_w^2 \ell = \sum_{i=1}^n x_i x_i^\top", "refuted"),
    ],
)
def test_ridge_regression_on_vectors(claim: str, verdict: str) -> None:
    assert verify(f"{SQUARES}\n$${claim}$$").equations[-1].verdict == verdict

"""Where a cost is smallest: normal equations and estimates, right ones and wrong ones."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.verifying.verify import verify

RIDGE = r"""Ridge regression: $J(w) = \frac12 \|X w - y\|^2 + \frac{\lambda}{2} \|w\|^2$.

The minimum is

$$%s$$
"""
MEAN = r"""Least squares: $J = \frac{1}{m} \|X w - y\|^2$ with $m$ examples. Its minimum is

$$%s$$
"""
LINE = r"""A line is fitted with $J = \frac{1}{2m} \sum_{i=1}^m (w x_i + b - y_i)^2$.
Let $\bar x = \frac1m \sum_{i=1}^m x_i$ and $\bar y = \frac1m \sum_{i=1}^m y_i$.

$$\frac{\partial J}{\partial b} = \frac1m \sum_{i=1}^m (w x_i + b - y_i)$$

Setting this to zero, the solution is

$$%s$$
"""
GAUSS = r"""The log-likelihood is $\ell = -\frac{1}{2\sigma^2} \sum_{n=1}^N (x_n - \mu)^2$.

Its maximum likelihood estimate is

$$%s$$
"""
ARROW = r"""$$J = \frac12 \|X w - y\|^2$$

$$\nabla J = 0 \quad\Rightarrow\quad %s$$
"""
BISHOP = r"""Let
$$E(\mathbf{w}) = \frac{1}{2} \sum_{n=1}^N (t_n - \mathbf{w}^T \mathbf{x}_n)^2
  + \frac{\lambda}{2} \mathbf{w}^T \mathbf{w}.$$

Solving for the minimum gives

$$%s$$
"""
SUMS = r"\mathbf{w} = \left(\lambda \mathbf{I} + \sum_n \mathbf{x}_n \mathbf{x}_n^T\right)^{-1} "

CASES = [
    (RIDGE, r"w^* = (X^T X + \lambda I)^{-1} X^T y", True),
    (RIDGE, r"\hat w = (X^T X + \lambda I)^{-1} X^T y", True),
    (RIDGE, r"w = (X^T X + \lambda I)^{-1} X^T y", True),
    (RIDGE, r"w^* = (X^T X + 2 \lambda I)^{-1} X^T y", False),
    (RIDGE, r"w^* = (X^T X)^{-1} X^T y", False),
    (RIDGE, r"w^* = (X X^T + \lambda I)^{-1} X^T y", False),
    (RIDGE, r"w^* = (X^T X - \lambda I)^{-1} X^T y", False),
    (RIDGE, r"w^* = -(X^T X + \lambda I)^{-1} X^T y", False),
    (MEAN, r"\hat w = (X^T X)^{-1} X^T y", True),
    (MEAN, r"\hat w = (X^T X) X^T y", False),
    (MEAN, r"\hat w = \frac{1}{m} (X^T X)^{-1} X^T y", False),
    (LINE, r"b = \bar y - w \bar x", True),
    (LINE, r"b = \bar y + w \bar x", False),
    (LINE, r"b = \bar x - w \bar y", False),
    (GAUSS, r"\hat\mu = \frac1N \sum_{n=1}^N x_n", True),
    (GAUSS, r"\hat\mu = \sum_{n=1}^N x_n", False),
    (ARROW, r"X^T X w = X^T y", True),
    (ARROW, r"X^T X w = y^T X", False),
    (ARROW, r"X^T X w = -X^T y", False),
    (BISHOP, SUMS + r"\sum_n t_n \mathbf{x}_n", True),
    (BISHOP, SUMS + r"\sum_n \mathbf{x}_n", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "claim", "right"), CASES, ids=[c[1] for c in CASES])
def test_where_the_gradient_is_zero(text: str, claim: str, right: bool) -> None:
    verdict = verify(text % claim).equations[-1].verdict
    assert verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))


def test_the_ridge_formula_is_the_minimum_in_numbers() -> None:
    """The truth of the table above, by a second method."""
    random = np.random.default_rng(3)
    x, y, decay = random.normal(size=(5, 3)), random.normal(size=5), 0.7
    w = np.linalg.solve(x.T @ x + decay * np.eye(3), x.T @ y)

    def cost(v: np.ndarray) -> float:
        return float(0.5 * np.sum((x @ v - y) ** 2) + 0.5 * decay * np.sum(v**2))

    steps = 1e-5 * np.eye(3)
    slopes = [(cost(w + s) - cost(w - s)) / 2e-5 for s in steps]
    assert np.allclose(slopes, 0, atol=1e-8)


def test_what_is_solved_together_with_another_is_not_called_wrong() -> None:
    closed = r"w^* = \frac{\sum_i (x_i - \bar x)(y_i - \bar y)}{\sum_i (x_i - \bar x)^2}"
    assert verify(LINE % closed).equations[-1].verdict in ("not_understood", "proved")


def test_a_repair_is_an_equation_of_the_minimum() -> None:
    repair = verify(RIDGE % r"w^* = (X^T X + 2 \lambda I)^{-1} X^T y").equations[-1].repair
    assert repair.endswith(r"+ \lambda w \right) - X^T y = 0")

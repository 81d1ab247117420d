r"""Second derivatives by a vector: `\nabla^2_\theta J`, `\nabla_\theta^2 J`; definitions that were not read."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

RIDGE = r"""
Let $X \in \mathbb{R}^{m \times n}$, $\theta \in \mathbb{R}^n$, $r = X \theta - y$ and
$$J = \frac{1}{2m} \lVert r \rVert^2 + \frac{\lambda}{2} \lVert \theta \rVert^2$$
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla^2_\theta J = \frac1m X^T X + \lambda I", "proved"),
        (r"\nabla_\theta^2 J = \frac1m X^T X + \lambda I", "proved"),
        (r"\nabla_{\theta}^{2} J = \frac1m X^T X + \lambda I", "proved"),
        (r"\nabla_\theta \nabla_\theta J = \frac1m X^T X + \lambda I", "proved"),
        (r"\nabla^2_\theta J = \frac1m X^T X", "refuted"),
        (r"\nabla^2_\theta J = \frac1m X^T X - \lambda I", "refuted"),
        (r"\nabla^2_\theta J = X^T X + \lambda I", "refuted"),
        (r"\nabla^2 J = \frac1m X^T X + \lambda I", "not_understood"),
    ],
)
def test_hessians_of_ridge_regression(claim: str, verdict: str) -> None:
    assert verify(f"{RIDGE}\n$${claim}$$").equations[-1].verdict == verdict


def test_what_was_not_read_is_not_called_wrong() -> None:
    text = (
        RIDGE
        + r"""
$C = \operatorname{diag}(c_1, \dots, c_m)$ and $$K = \frac12 \sum_{i=1}^m c_i r_i^2$$
$$\nabla_\theta K = X^T C r$$
"""
    )
    last = verify(text).equations[-1]
    assert last.verdict != "refuted"

"""Primes that are transposes, indicators of vectors, diagonal matrices, ranges beside a claim."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

PRIMES = r"""Vectors are columns and a prime denotes the transpose.
$z = W x + b$, $h = \tanh(z)$, $r = V h + c$, $R = \frac12 \|r - y\|^2$.

$$%s$$
"""
SQUARE = r"""$J = \frac12 \|y - X w\|^2$ and $X'X$ has an inverse.

$$%s$$
"""
RELU = r"""$u = W x + b$, $h = \max(0, u)$, $r = V h + c$, $R = \frac12 \|r - y\|^2$.

$$%s$$
"""
DIAGONAL = r"""$r = X \theta - y$ with $X \in \mathbb{R}^{m \times n}$. With $C = \operatorname{diag}(c_1, \dots, c_m)$,
$J(\theta) = \frac12 \sum_{i=1}^m c_i r_i^2$.

$$%s$$
"""
RANGE = r"""$z_i = w^\top x_i + b$, $J = \frac{1}{2} \sum_{i=1}^{m} (z_i - y_i)^2$. For $j = 1, \dots, n$

$$%s$$
"""
SOFTMAX = r"""$p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$.

$$%s$$
"""

CASES = [
    (PRIMES, r"\frac{\partial R}{\partial V} = (r - y) h'", True),
    (PRIMES, r"\frac{\partial R}{\partial V} = h (r - y)'", False),
    (PRIMES, r"\frac{\partial R}{\partial h} = V' (r - y)", True),
    (PRIMES, r"\frac{\partial R}{\partial h} = V (r - y)", False),
    (PRIMES, r"\frac{\partial R}{\partial W} = (V' (r - y) \circ (1 - h \circ h)) x'", True),
    (PRIMES, r"\frac{\partial R}{\partial W} = (V' (r - y) \circ (1 - h)) x'", False),
    (SQUARE, r"\nabla_w J = X' (X w - y)", True),
    (SQUARE, r"\nabla_w J = X' (y - X w)", False),
    (SQUARE, r"\hat w = (X'X)^{-1} X'y", True),
    (SQUARE, r"\hat w = (X X')^{-1} X'y", False),
    (RELU, r"\frac{\partial R}{\partial u} = (V^T (r - y)) \odot \mathbf{1}[u > 0]", True),
    (RELU, r"\frac{\partial R}{\partial u} = (V^T (r - y)) \odot \mathbb{1}_{u > 0}", True),
    (RELU, r"\frac{\partial R}{\partial u} = (V^T (r - y)) \odot 1_{\{u > 0\}}", True),
    (RELU, r"\frac{\partial R}{\partial u} = (V^T (r - y)) \odot \mathbf{1}[u < 0]", False),
    (RELU, r"\frac{\partial R}{\partial u} = (V^T (r - y)) \odot h", False),
    (RELU, r"\frac{\partial R}{\partial W} = ((V^T (r - y)) \odot [u > 0]) x^T", True),
    (DIAGONAL, r"\nabla_\theta J = X^T C (X \theta - y)", True),
    (DIAGONAL, r"\nabla_\theta J = X^T (X \theta - y)", False),
    (DIAGONAL, r"\frac{\partial J}{\partial r} = C r", True),
    (DIAGONAL, r"\frac{\partial J}{\partial r} = 2 C r", False),
    (RANGE, r"\frac{\partial J}{\partial w_j} = \sum_{i=1}^{m} (z_i - y_i) x_{ij}", True),
    (RANGE, r"\frac{\partial J}{\partial w_j} = \sum_{i=1}^{m} (y_i - z_i) x_{ij}", False),
    (SOFTMAX, r"\frac{\partial p_i}{\partial z_j} = p_i (\mathbb{1}_{ij} - p_j)", True),
    (SOFTMAX, r"\frac{\partial p_i}{\partial z_j} = p_i (\mathbb{1}_{ij} + p_j)", False),
]


@pytest.mark.parametrize(("text", "claim", "right"), CASES, ids=[c[1] for c in CASES])
def test_claims(text: str, claim: str, right: bool) -> None:
    verdict = verify(text % claim).equations[-1].verdict
    assert verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))

r"""Operators that a text introduces (`D_j S_i`), the sign ⊗, and layers of row vectors told by numbers."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

SOFTMAX = r"""$$S_j = \frac{e^{a_j}}{\sum_{k=1}^{N} e^{a_k}}$$

$$D_j S_i = \frac{\partial S_i}{\partial a_j}$$

$$%s$$
"""
OUTER = r"""$s_t = \tanh(U x_t + W s_{t-1})$, $o_t = V s_t$, $E = \sum_t \frac12 \|o_t - y_t\|^2$.
Here $\otimes$ is the outer product of two vectors.

$$%s$$
"""
ENTRIES = r"""$z = W x + b$, $h = z \otimes u$, $E = \frac12 \|h - y\|^2$. Here $\otimes$ is the element-wise product.

$$%s$$
"""
ROWS = r"""$h = \sigma(x W_1 + b_1)$ with the sigmoid, $p = \mathrm{softmax}(h W_2 + b_2)$ and
$J = -\sum_i y_i \log p_i$ with a one-hot $y$. Let $z_1 = x W_1 + b_1$ and $z_2 = h W_2 + b_2$.

$$%s$$
"""
NUMBERED = r"""$z_1 = x W_1 + b_1$, $h = \sigma(z_1)$ with the sigmoid,
$z_2 = h W_2 + b_2$, $J = \frac12 \|z_2 - y\|^2$.

$$%s$$
"""
ATTENTION = r"""$Q = X W_Q$, $K = X W_K$, $V = X W_V$, 
$A = \text{softmax}\left( \frac{Q K^T}{\sqrt{d_k}} \right)$, $Y = A V$.
Let $S = \frac{Q K^T}{\sqrt{d_k}}$ and $L$ some loss of $Y$, with
$\frac{\partial L}{\partial S_{ij}} = A_{ij} ( \frac{\partial L}{\partial A_{ij}}
- \sum_k A_{ik} \frac{\partial L}{\partial A_{ik}} )$.

$$%s$$
"""

CASES = [
    (SOFTMAX, r"D_j S_i = S_i (\delta_{ij} - S_j)", True),
    (SOFTMAX, r"D_j S_i = S_i (\delta_{ij} + S_j)", False),
    (OUTER, r"\frac{\partial E}{\partial V} = \sum_t (o_t - y_t) \otimes s_t", True),
    (OUTER, r"\frac{\partial E}{\partial V} = \sum_t s_t \otimes (o_t - y_t)", False),
    (ENTRIES, r"\frac{\partial E}{\partial z} = (h - y) \otimes u", True),
    (ENTRIES, r"\frac{\partial E}{\partial z} = (h - y) \otimes h", False),
    (
        ATTENTION,
        r"\frac{\partial L}{\partial Q} = \frac{1}{\sqrt{d_k}} \frac{\partial L}{\partial S} K",
        True,
    ),
    (
        ATTENTION,
        r"\frac{\partial L}{\partial Q} = \frac{1}{d_k} \frac{\partial L}{\partial S} K",
        False,
    ),
    (ATTENTION, r"\frac{\partial L}{\partial V} = A \frac{\partial L}{\partial Y}", False),
    (ROWS, r"\frac{\partial J}{\partial z_2} = p - y", True),
    (ROWS, r"\frac{\partial J}{\partial h} = (p - y) W_2^T", True),
    (ROWS, r"\frac{\partial J}{\partial h} = (p - y) W_2", False),
    (ROWS, r"\frac{\partial J}{\partial W_2} = h^T (p - y)", True),
    (ROWS, r"\frac{\partial J}{\partial W_2} = (p - y)^T h", False),
    (NUMBERED, r"\frac{\partial J}{\partial h} = (z_2 - y) W_2^T", True),
    (NUMBERED, r"\frac{\partial J}{\partial h} = (z_2 - y) W_2", False),
    (NUMBERED, r"\frac{\partial J}{\partial h} = W_2 (z_2 - y)", False),
    (NUMBERED, r"\frac{\partial J}{\partial x} = \frac{\partial J}{\partial z_1} W_1^T", True),
    (NUMBERED, r"\frac{\partial J}{\partial x} = W_1 \frac{\partial J}{\partial z_1}", False),
]


@pytest.mark.parametrize(("text", "claim", "right"), CASES, ids=[c[1] for c in CASES])
def test_claims(text: str, claim: str, right: bool) -> None:
    verdict = verify(text % claim).equations[-1].verdict
    assert verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))

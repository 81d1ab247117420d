r"""Parts named afterwards (`u = W_1 x`), the keep probability of dropout, steps as Newton takes them."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

BLOCK = r"""
A residual block computes $$y = x + W_2 \sigma(W_1 x)$$
Let $u = W_1 x$, $a = \sigma(u)$ and $\delta = \frac{\partial L}{\partial y}$.
"""

DROPOUT = r"""
$$\tilde h = \frac{1}{p} m \odot h$$
$$y = V \tilde h$$
$$L = \frac12 \|y - t\|^2$$
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial L}{\partial u} = (W_2^\top \delta) \odot \sigma'(u)", "proved"),
        (r"\frac{\partial L}{\partial u} = (W_2^\top \delta) \odot \sigma'(a)", "refuted"),
        (
            r"\frac{\partial L}{\partial W_1} = ((W_2^\top \delta) \odot \sigma'(u)) x^\top",
            "proved",
        ),
        (
            r"\frac{\partial L}{\partial x} = \delta + W_1^\top ((W_2^\top \delta) \odot \sigma'(u))",
            "proved",
        ),
        (
            r"\frac{\partial L}{\partial x} = W_1^\top ((W_2^\top \delta) \odot \sigma'(u))",
            "refuted",
        ),
    ],
)
def test_the_parts_of_a_residual_block(claim: str, verdict: str) -> None:
    assert verify(f"{BLOCK}\n$${claim}$$").equations[-1].verdict == verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{1}{p} m \odot (V^\top (y - t))", "proved"),
        (r"\frac{m}{p} \odot (V^\top (y - t))", "proved"),
        (r"p\, m \odot (V^\top (y - t))", "refuted"),
        (r"m \odot (V^\top (y - t))", "refuted"),
    ],
)
def test_the_keep_probability_is_a_number(claim: str, verdict: str) -> None:
    text = f"{DROPOUT}\n$$\\frac{{\\partial L}}{{\\partial h}} = {claim}$$"
    assert verify(text).equations[-1].verdict == verdict


@pytest.mark.parametrize("rate", ["", r"\eta "])
def test_a_step_of_newton_is_not_called_wrong(rate: str) -> None:
    text = r"$$L = \frac12 (w x - y)^2$$ $$w \leftarrow w - RATE H^{-1} \frac{\partial L}{\partial w}$$"
    assert verify(text.replace("RATE ", rate)).equations[-1].verdict == "not_understood"

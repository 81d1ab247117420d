"""Shapes that a text says tell vectors from matrices, and how long their axes are."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

SMALL_WEIGHTS = r"""
The input is $x \in \mathbb{R}^{3}$; the weights are $w \in \mathbb{R}^{2 \times 3}$
and the target is $y \in \mathbb{R}^{2}$.

$$z = w x + b$$

$$a = \tanh(z)$$

$$C = \frac{1}{2} \lVert a - y \rVert^2$$

$$\delta = \nabla_z C$$

$$CLAIM$$
"""

LAYERS = r"""
$W^{(l)} \in \mathbb{R}^{s_{l+1} \times s_l}$, $b^{(l)} \in \mathbb{R}^{s_{l+1}}$ and $x \in \mathbb{R}^{s_1}$.

$$
\begin{aligned}
a^{(1)} &= x \\
z^{(l+1)} &= W^{(l)} a^{(l)} + b^{(l)} \\
a^{(l+1)} &= f(z^{(l+1)})
\end{aligned}
$$

$$J = \frac{1}{2} \lVert a^{(n_l)} - y \rVert^2$$

$$\delta^{(l)} = \nabla_{z^{(l)}} J$$

$$CLAIM$$
"""

COLUMNS = r"""
We have $x \in \mathbb{R}^{n \times 1}$, $w \in \mathbb{R}^{n \times 1}$ and $b \in \mathbb{R}$.

$$z = w^T x + b$$

$$a = \sigma(z)$$

$$L = -y \log a - (1 - y) \log (1 - a)$$

$$CLAIM$$
"""

CAPITAL_VECTORS = r"""
$X \in \mathbb{R}^{2}$, $H \in \mathbb{R}^{3}$, $V \in \mathbb{R}^{2 \times 3}$ and $Y \in \mathbb{R}^{3}$.

$$H = V^T X$$

$$E = \frac{1}{2} \lVert Y - H \rVert^2$$

$$CLAIM$$
"""


def last(text: str, claim: str) -> str:
    return verify(text.replace("CLAIM", claim), budget=20).equations[-1].verdict


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (SMALL_WEIGHTS, r"\delta = (a - y) \odot (1 - a^2)"),
        (SMALL_WEIGHTS, r"\nabla_w C = \delta x^T"),
        (SMALL_WEIGHTS, r"\nabla_x C = w^T \delta"),
        (LAYERS, r"\delta^{(l)} = ((W^{(l)})^T \delta^{(l+1)}) \odot f'(z^{(l)})"),
        (LAYERS, r"\nabla_{W^{(l)}} J = \delta^{(l+1)} (a^{(l)})^T"),
        (COLUMNS, r"\nabla_w L = (a - y) x"),
        (CAPITAL_VECTORS, r"\nabla_V E = X (H - Y)^T"),
    ],
)
def test_what_holds_with_these_shapes_is_proved(text: str, claim: str) -> None:
    assert last(text, claim) == "proved"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (SMALL_WEIGHTS, r"\delta = (a - y) \odot (1 + a^2)"),
        (SMALL_WEIGHTS, r"\nabla_w C = x \delta^T"),
        (SMALL_WEIGHTS, r"\nabla_x C = w \delta"),
        (LAYERS, r"\delta^{(l)} = (W^{(l)} \delta^{(l+1)}) \odot f'(z^{(l)})"),
        (LAYERS, r"\nabla_{W^{(l)}} J = a^{(l)} (\delta^{(l+1)})^T"),
        (LAYERS, r"\nabla_{W^{(l)}} J = \delta^{(l)} (a^{(l)})^T"),
        (COLUMNS, r"\nabla_w L = (y - a) x"),
        (CAPITAL_VECTORS, r"\nabla_V E = (H - Y) X^T"),
        (CAPITAL_VECTORS, r"\nabla_V E = X (Y - H)^T"),
    ],
)
def test_what_does_not_is_called_wrong(text: str, claim: str) -> None:
    assert last(text, claim) in ("refuted", "ill_formed")


def test_without_the_shapes_small_weights_are_a_vector() -> None:
    """The shapes are what tells: the same text without its first sentence proves nothing wrong."""
    bare = SMALL_WEIGHTS.partition("$$")[2]
    assert last("$$" + bare, r"\nabla_w C = x \delta^T") not in ("proved", "agrees")

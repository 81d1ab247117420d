"""Times that a text counts, the function of the last layer by its name, one output unit, and `∇_a C`."""

from __future__ import annotations

from pathlib import Path

import pytest

import symbackprop as sb

ACCEPTED = ("proved", "agrees")
WRONG = ("refuted", "ill_formed")


def verdict(text: str, tmp_path: Path) -> str:
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    return sb.verify(path).equations[-1].verdict


STEPS = r"""
$$h_1 = \tanh(W_x x_1 + W_h h_0 + b), \quad h_2 = \tanh(W_x x_2 + W_h h_1 + b)$$

$$y_t = W_y h_t + c, \qquad t = 1, 2$$

$$E = \frac{1}{2} \|y_1 - d_1\|^2 + \frac{1}{2} \|y_2 - d_2\|^2$$

With $e_t = y_t - d_t$ and $s_t = W_x x_t + W_h h_{t-1} + b$, where $h_t = \tanh(s_t)$:

"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\frac{\partial E}{\partial y_t} = e_t", ACCEPTED),
        (r"\frac{\partial E}{\partial W_y} = e_1 h_1^\top + e_2 h_2^\top", ACCEPTED),
        (r"\frac{\partial E}{\partial W_y} = e_1 h_1^\top + e_2 h_1^\top", WRONG),
        (r"\frac{\partial E}{\partial h_2} = W_y^\top e_2", ACCEPTED),
        (r"\frac{\partial E}{\partial h_1} = W_y^\top e_1", WRONG),
        (r"\frac{\partial E}{\partial s_2} = (1 - h_2 \odot h_2) \odot (W_y^\top e_2)", ACCEPTED),
        (r"\frac{\partial E}{\partial s_2} = (1 - h_1 \odot h_1) \odot (W_y^\top e_2)", WRONG),
    ],
)
def test_as_many_times_as_the_text_counts(
    claim: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    assert verdict(f"{STEPS}$${claim}$$\n", tmp_path) in expected


COURSE = r"""
$X$ has shape $(n^{[0]}, m)$ and $Y$ has shape $(1, m)$. We start with $A^{[0]} = X$. For $l = 1, \dots, L$:

$$Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}$$
$$A^{[l]} = g^{[l]}(Z^{[l]})$$

with $g^{[l]} = \mathrm{ReLU}$ for $l < L$ and $g^{[L]} = \sigma$, where $\sigma(z) = \frac{1}{1 + e^{-z}}$.

$$J = -\frac{1}{m} \sum_{i=1}^{m} \left( y^{(i)} \log a^{[L](i)} + (1 - y^{(i)}) \log(1 - a^{[L](i)}) \right)$$

$$dW^{[l]} = \frac{\partial J}{\partial W^{[l]}} = \frac{1}{m} dZ^{[l]} A^{[l-1]T}$$

"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("dZ^{[L]} = A^{[L]} - Y", ACCEPTED),
        ("dZ^{[L]} = Y - A^{[L]}", WRONG),
        ("dA^{[l-1]} = W^{[l]T} dZ^{[l]}", ACCEPTED),
        (r"dZ^{[l]} = dA^{[l]} * g^{[l]\prime}(Z^{[l]})", ACCEPTED),
        (r"dZ^{[l]} = dA^{[l]} * g^{[l]\prime}(A^{[l]})", (*WRONG, "not_understood")),
        (r"dZ^{[L]} = dA^{[L]} * A^{[L]} * (1 - A^{[L]})", ACCEPTED),
        (r"dZ^{[L]} = dA^{[L]} * A^{[L]} * (1 + A^{[L]})", WRONG),
    ],
)
def test_functions_of_layers_by_their_names(
    claim: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    assert (
        verdict(f"{COURSE}where $*$ is the element-wise product.\n\n$${claim}$$\n", tmp_path)
        in expected
    )


def test_a_display_that_ends_does_not_make_rows(tmp_path: Path) -> None:
    r"""`\end{align}` and a W in the next formula are no product `a W`."""
    text = (
        COURSE
        + r"""
\begin{align}
dZ^{[L]} &= A^{[L]} - Y
\end{align}

$$W^{[l]} := W^{[l]} - \alpha\, dW^{[l]}$$
"""
    )
    assert verdict(text, tmp_path) in ACCEPTED


LAST = r"""
$$z^l = W^l a^{l-1} + b^l, \qquad a^l = \sigma(z^l), \qquad C = \frac{1}{2} \|a^L - y\|^2$$

$$\delta^l_j = \frac{\partial C}{\partial z^l_j}$$

"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\delta^L = \nabla_a C \odot \sigma'(z^L)", ACCEPTED),
        (r"\delta^L = \nabla_a C \odot \sigma(z^L)", (*WRONG, "misprint", "not_understood")),
        (r"\nabla_a C = a^L - y", ACCEPTED),
        (r"\nabla_a C = y - a^L", WRONG),
        (r"\delta^l = \nabla_a C \odot \sigma'(z^l)", (*WRONG, "misprint", "not_understood")),
    ],
)
def test_the_gradient_by_bare_activations_is_that_of_the_last_layer(
    claim: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    assert verdict(f"{LAST}$${claim}$$\n", tmp_path) in expected

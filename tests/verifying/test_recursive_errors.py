r"""Errors that a text gives by their recursion only: `δ^L = (a^L - y) ⊙ σ'(z^L)`, `δ^l = W^{l+1}ᵀ δ^{l+1} ⊙ σ'(z^l)`.

Nowhere does it say that δ is ∂C/∂z. It is where (nearly) all that is said of it holds for that.
"""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

WRONG = ("refuted", "ill_formed")

FROM_ZERO = r"""$$z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}, \quad a^{(l)} = f(z^{(l)}), \quad a^{(0)} = x$$

$$J = \frac12 \|a^{(L)} - y\|^2$$

$$\delta^{(L)} = (a^{(L)} - y) \odot f'(z^{(L)})$$

$$\delta^{(l)} = ((W^{(l+1)})^T \delta^{(l+1)}) \odot f'(z^{(l)})$$

$$\frac{\partial J}{\partial W^{(l)}} = \delta^{(l)} (a^{(l-1)})^T$$

$$\frac{\partial J}{\partial b^{(l)}} = \delta^{(l)}$$
"""
FROM_ONE = r"""$$z^{(l+1)} = W^{(l)} a^{(l)} + b^{(l)}, \quad a^{(l+1)} = f(z^{(l+1)}), \quad a^{(1)} = x$$

$$J = \frac12 \|a^{(L)} - y\|^2$$

$$\delta^{(L)} = (a^{(L)} - y) \odot f'(z^{(L)})$$

For $l = L-1, \dots, 2$

$$\delta^{(l)} = ((W^{(l)})^T \delta^{(l+1)}) \odot f'(z^{(l)})$$

$$\nabla_{W^{(l)}} J = \delta^{(l+1)} (a^{(l)})^T$$

$$\nabla_{b^{(l)}} J = \delta^{(l+1)}$$
"""
TO_L_PLUS_ONE = r"""For $l = 1, \dots, L$

$$z^{(l+1)} = W^{(l+1)} a^{(l)} + b^{(l+1)}, \quad a^{(l+1)} = f(z^{(l+1)})$$

where $a^{(1)} = x$, and the loss is $J = \frac12 \|a^{(L+1)} - y\|^2$.

$$\delta^{(L+1)} = (a^{(L+1)} - y) \odot f'(z^{(L+1)})$$

$$\delta^{(l)} = ((W^{(l+1)})^T \delta^{(l+1)}) \odot f'(z^{(l)})$$

$$\frac{\partial J}{\partial W^{(l+1)}} = \delta^{(l+1)} (a^{(l)})^T$$

$$\frac{\partial J}{\partial b^{(l)}} = \delta^{(l)}$$
"""
ENTRIES = r"""$$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j, \quad a^l_j = f(z^l_j), \quad a^0_j = x_j$$

$$C = \frac12 \sum_j (a^L_j - y_j)^2$$

$$\delta^L_j = (a^L_j - y_j) f'(z^L_j)$$

$$\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k f'(z^l_j)$$

$$\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j$$

$$\frac{\partial C}{\partial b^l_j} = \delta^l_j$$
"""
TIMES = r"""$$a_t = W h_{t-1} + U x_t + b, \quad h_t = \tanh(a_t), \quad o_t = V h_t + c$$

$$L = \sum_{t=1}^T \frac12 \|o_t - y_t\|^2$$

$$\delta_T = V^T (o_T - y_T) \odot (1 - h_T^2)$$

$$\delta_t = (V^T (o_t - y_t) + W^T \delta_{t+1}) \odot (1 - h_t^2)$$

$$\frac{\partial L}{\partial W} = \sum_{t=1}^T \delta_t h_{t-1}^T$$

$$\frac{\partial L}{\partial b} = \sum_{t=1}^T \delta_t$$
"""
TEXTS = {
    "from zero": FROM_ZERO,
    "from one": FROM_ONE,
    "to L + 1": TO_L_PLUS_ONE,
    "entries": ENTRIES,
    "times": TIMES,
}


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in verify(text, budget=20).equations]


@pytest.mark.parametrize("name", TEXTS)
def test_all_that_is_said_of_the_error_is_proved(name):
    found = verdicts(TEXTS[name])
    assert set(found) == {"definition", "proved"}
    assert found[-4:] == ["proved"] * 4


@pytest.mark.parametrize(
    ("name", "right", "wrong", "place"),
    [
        ("from zero", r"\delta^{(l)} (a^{(l-1)})^T", r"\delta^{(l)} (a^{(l)})^T", -2),
        ("from zero", r"((W^{(l+1)})^T \delta", r"(W^{(l+1)} \delta", -3),
        ("from zero", r"= (a^{(L)} - y) \odot", r"= (y - a^{(L)}) \odot", -4),
        ("from one", r"\nabla_{b^{(l)}} J = \delta^{(l+1)}", r"\nabla_{b^{(l)}} J = \delta^{(l)}", -1),
        ("to L + 1", r"\delta^{(l+1)} (a^{(l)})^T", r"\delta^{(l+1)} (a^{(l+1)})^T", -2),
        ("entries", r"\sum_k w^{l+1}_{kj}", r"\sum_k w^{l+1}_{jk}", -3),
        ("entries", r"a^{l-1}_k \delta^l_j", r"a^{l-1}_j \delta^l_k", -2),
        ("times", r"\sum_{t=1}^T \delta_t h_{t-1}^T", r"\sum_{t=1}^T \delta_t h_t^T", -2),
        ("times", r"+ W^T \delta_{t+1}", r"- W^T \delta_{t+1}", -3),
    ],
)  # fmt: skip
def test_one_wrong_statement_is_found_among_right_ones(name, right, wrong, place):
    assert right in TEXTS[name]
    found = verdicts(TEXTS[name].replace(right, wrong))
    assert found[place] in WRONG
    assert all(v == "proved" for k, v in enumerate(found[-4:]) if k - 4 != place)


def test_an_error_of_the_other_sign_is_not_called_wrong():
    """δ = -∂J/∂z in all that is said: nothing is refuted."""
    text = (
        FROM_ZERO.replace("a^{(L)} - y) ", "y - a^{(L)}) ")
        .replace(r"= \delta^{(l)} (a", r"= -\delta^{(l)} (a")
        .replace(r"= \delta^{(l)}" + "$$", r"= -\delta^{(l)}" + "$$")
    )
    assert not set(verdicts(text)) & set(WRONG)

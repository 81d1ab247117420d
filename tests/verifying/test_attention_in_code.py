r"""The gradients of attention by their names in code: `dV = P^T dO`, where dO = ∂L/∂O of an L that is left open.

Q, K and V stand beside each other; that Q is a letter of costs, too, makes `dQ = …` no differential of a cost.
"""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

ATTENTION = r"""$Q = X W_Q$, $K = X W_K$, $V = X W_V$ and

$$S = \frac{Q K^T}{\sqrt{d}}, \quad P = \mathrm{softmax}(S), \quad O = P V$$

Given $dO = \frac{\partial L}{\partial O}$:

$$dV = P^T dO$$
$$dP = dO V^T$$
$$dS_{ij} = P_{ij} \left( dP_{ij} - \sum_k P_{ik} dP_{ik} \right)$$
$$dQ = \frac{1}{\sqrt{d}} dS K$$
$$dK = \frac{1}{\sqrt{d}} dS^T Q$$
$$dW_Q = X^T dQ$$
"""


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in verify(text, budget=20).equations][-6:]


@pytest.mark.slow
def test_every_gradient_is_proved():
    assert verdicts(ATTENTION) == ["proved"] * 6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("dV = P^T dO", "dV = P dO", 0),
        ("dP = dO V^T", "dP = V^T dO", 1),
        (r"\sum_k P_{ik} dP_{ik}", r"\sum_k P_{kj} dP_{kj}", 2),
        ("dS K", "dS^T K", 3),
        ("dS^T Q", "dS Q", 4),
        ("X^T dQ", "dQ X^T", 5),
    ],
)
def test_one_wrong_gradient_is_found(right, wrong, place):
    assert right in ATTENTION
    found = verdicts(ATTENTION.replace(right, wrong))
    assert found[place] in ("refuted", "ill_formed")
    assert all(v == "proved" for k, v in enumerate(found) if k != place)

"""One output for each example: `A_i` is an entry of the matrix A with one row; plain text side by side."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

NET = r"""$Z_1 = W_1 X + b_1$, $A_1 = \tanh(Z_1)$, $Z_2 = W_2 A_1 + b_2$, $\hat Y = \sigma(Z_2)$ with the sigmoid,

$$J = -\frac1m \sum_{i=1}^m [ Y_i \log \hat Y_i + (1 - Y_i) \log (1 - \hat Y_i) ]$$

$$%s$$
"""
LOGISTIC = r"""The $m$ examples are the columns of $X$: $Z = w^T X + b$, $A = \sigma(Z)$ with the sigmoid,

$$J = -\frac1m \sum_{i=1}^m [ Y_i \log A_i + (1 - Y_i) \log (1 - A_i) ]$$

$$%s$$
"""

CASES = [
    (NET, r"\frac{\partial J}{\partial Z_2} = \frac1m (\hat Y - Y)", True),
    (NET, r"\frac{\partial J}{\partial Z_2} = \hat Y - Y", False),
    (NET, r"\frac{\partial J}{\partial W_2} = \frac1m (\hat Y - Y) A_1^T", True),
    (NET, r"\frac{\partial J}{\partial W_2} = \frac1m A_1 (\hat Y - Y)^T", False),
    (NET, r"\frac{\partial J}{\partial Z_1} = W_2^T \frac{\partial J}{\partial Z_2} \odot (1 - A_1^2)", True),
    (NET, r"\frac{\partial J}{\partial Z_1} = W_2^T \frac{\partial J}{\partial Z_2} \odot (1 - A_1)", False),
    (LOGISTIC, r"\frac{\partial J}{\partial w} = \frac1m X (A - Y)^T", True),
    (LOGISTIC, r"\frac{\partial J}{\partial w} = \frac1m (A - Y) X^T", False),
    (LOGISTIC, r"\frac{\partial J}{\partial b} = \frac1m \sum_{i=1}^m (A_i - Y_i)", True),
    (LOGISTIC, r"\frac{\partial J}{\partial b} = \sum_{i=1}^m (A_i - Y_i)", False),
    (LOGISTIC, r"dw = \frac1m X dZ^T, \quad dZ = A - Y", True),
    (LOGISTIC, r"dw = \frac1m X dZ^T, \quad dZ = Y - A", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "claim", "right"), CASES, ids=[c[1] for c in CASES])
def test_claims(text: str, claim: str, right: bool) -> None:
    verdict = verify(text % claim).equations[-1].verdict
    assert verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))


MAIL = """
The cell, with the logistic function σ:

  p_t = W x_t + R h_{t−1} + b        f_t = σ(p_t)       (gate)
  q_t = U x_t + S h_{t−1} + c        g_t = tanh(q_t)    (candidate)

  h_t = f_t ∘ g_t

and E depends on h_T only.

  ∂E/∂f_t = ∂E/∂h_t ∘ g_t
  ∂E/∂p_t = ∂E/∂f_t ∘ f_t ∘ (1 − f_t)      (the slope of the sigmoid)
  ∂E/∂p_t = ∂E/∂f_t ∘ f_t      (the slope of the sigmoid)
  ∂E/∂x_t = Wᵀ ∂E/∂p_t + Uᵀ ∂E/∂q_t
  ∂E/∂x_t = W ∂E/∂p_t + Uᵀ ∂E/∂q_t
"""


def test_plain_text_with_formulas_side_by_side() -> None:
    found = verify(MAIL).equations
    assert [e.latex for e in found[:3]] == [
        "p_t = W x_t + R h_{t−1} + b", "f_t = σ(p_t)", "q_t = U x_t + S h_{t−1} + c",
    ]  # fmt: skip
    kinds = [e.verdict for e in found[-5:]]
    assert all(k in ("proved", "agrees") for k in (kinds[0], kinds[1], kinds[3]))
    assert all(k in ("refuted", "ill_formed") for k in (kinds[2], kinds[4]))

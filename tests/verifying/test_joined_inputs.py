r"""An LSTM of joined inputs, `W_f · [h_{t-1}, x_t] + b_f`; sums over time where h_0 exists and y_0 does not."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

LSTM = r"""$$f_t = \sigma(W_f JOINED + b_f)$$
$$i_t = \sigma(W_i JOINED + b_i)$$
$$\tilde C_t = \tanh(W_C JOINED + b_C)$$
$$C_t = f_t * C_{t-1} + i_t * \tilde C_t$$
$$o_t = \sigma(W_o JOINED + b_o)$$
$$h_t = o_t * \tanh(C_t)$$

Here $\sigma$ is the sigmoid and * the pointwise product. The loss is $L = \sum_t \frac12 \|h_t - y_t\|^2$.

$$%s$$
"""

WRITTEN = {
    "list": r"\cdot [h_{t-1}, x_t]",
    "no dot": "[h_{t-1}, x_t]",
    "semicolon": "[h_{t-1}; x_t]",
    "column": r"\begin{bmatrix} h_{t-1} \\ x_t \end{bmatrix}",
}

CLAIMS = [
    (
        r"\frac{\partial L}{\partial o_t} = \frac{\partial L}{\partial h_t} * \tanh(C_t)",
        r"\frac{\partial L}{\partial o_t} = \frac{\partial L}{\partial h_t} * C_t",
    ),
    (
        r"\frac{\partial L}{\partial f_t} = \frac{\partial L}{\partial C_t} * C_{t-1}",
        r"\frac{\partial L}{\partial f_t} = \frac{\partial L}{\partial C_t} * C_t",
    ),
    (
        r"\frac{\partial L}{\partial b_f} = \sum_t \frac{\partial L}{\partial f_t} * f_t * (1 - f_t)",
        r"\frac{\partial L}{\partial b_f} = \sum_t \frac{\partial L}{\partial f_t} * (1 - f_t^2)",
    ),
]


def last(claim: str, joined: str) -> str:
    return verify(LSTM.replace("JOINED", joined) % claim, budget=20).equations[-1].verdict


@pytest.mark.parametrize("how", WRITTEN)
def test_joined_vectors_are_read_in_all_spellings(how):
    right, wrong = CLAIMS[1]
    assert last(right, WRITTEN[how]) == "proved"
    assert last(wrong, WRITTEN[how]) == "refuted"


@pytest.mark.parametrize(("right", "wrong"), CLAIMS)
def test_gates_and_states(right, wrong):
    assert last(right, WRITTEN["list"]) in ("proved", "agrees")
    assert last(wrong, WRITTEN["list"]) == "refuted"


def test_the_whole_matrix_is_left_open():
    claim = r"\frac{\partial L}{\partial W_f} = \sum_t (\frac{\partial L}{\partial f_t} * f_t) [h_{t-1}, x_t]^T"
    assert last(claim, WRITTEN["list"]) == "not_understood"


RNN = r"""$$h_t = \tanh(W h_{t-1} + U x_t + b)$$

The loss is $L = \sum_t \frac12 \|h_t - y_t\|^2$.

$$\frac{\partial L}{\partial U} = \sum_t \left( \frac{\partial L}{\partial h_t} \odot (1 - h_t^2) \right) %s$$
"""


@pytest.mark.slow
def test_a_loss_of_all_states_does_not_count_the_first_one():
    assert verify(RNN % "x_t^T", budget=20).equations[-1].verdict in ("proved", "agrees")
    assert verify(RNN % "x_{t-1}^T", budget=20).equations[-1].verdict not in ("proved", "agrees")

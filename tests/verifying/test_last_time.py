"""The last time of a recurrent network: `∂L/∂o_T` beside `y_{t,k}`."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

RECURRENT = r"""A recurrent network, $t = 1,\dots,T$:

$$h_t = \tanh(W x_t + U h_{t-1} + b)$$ $$o_t = V h_t + c$$ $$\hat y_t = \mathrm{softmax}(o_t)$$
$$L = -\sum_{t=1}^T \sum_k y_{t,k} \log \hat y_{t,k}$$

$$%s$$"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial L}{\partial o_T} = \hat y_T - y_T", True),
        (r"\frac{\partial L}{\partial h_T} = V^T (\hat y_T - y_T)", True),
        (r"\frac{\partial L}{\partial o_T} = y_T - \hat y_T", False),
        (r"\frac{\partial L}{\partial h_T} = V^T (y_T - \hat y_T)", False),
    ],
)
def test_the_start_of_the_backward_pass(claim, right):
    verdict = verify(RECURRENT % claim).equations[-1].verdict
    assert verdict in (("proved", "agrees") if right else ("refuted",))

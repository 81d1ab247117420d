r"""`\tau` as a number of steps beside the last time T."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

RECURRENT = r"""A recurrent network, $t = 1,\dots,T$:

$$h_t = \tanh(W x_t + U h_{t-1} + b), \qquad o_t = V h_t + c$$
$$E_t = \frac12 \|o_t - y_t\|^2, \qquad E = \sum_{t=1}^T E_t$$

$$%s$$

In truncated BPTT one follows the error of time $t$ only $\tau$ steps back,
$$G_T = \sum_{k=T-\tau+1}^{T} \frac{\partial E_T}{\partial h_k} \odot (1 - h_k^2) h_{k-1}^T .$$"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial E}{\partial o_t} = o_t - y_t", True),
        (r"\frac{\partial E}{\partial o_t} = y_t - o_t", False),
        (r"\frac{\partial E}{\partial h_T} = V^T (o_T - y_T)", True),
        (r"\frac{\partial E}{\partial h_T} = V (o_T - y_T)", False),
        (r"\frac{\partial E}{\partial V} = \sum_{t=1}^T (o_t - y_t) h_t^T", True),
        (r"\frac{\partial E}{\partial c} = o_T - y_T", False),
    ],
)
def test_a_length_is_no_last_time(claim: str, right: bool) -> None:
    equation = next(
        e
        for e in verify(RECURRENT % claim).equations
        if claim[:20] in e.latex and "G_T" not in e.latex
    )
    assert equation.verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))

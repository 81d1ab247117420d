r"""A name behind what it is for, `∂E/∂u_j = y_j - t_j := e_j`; sums to a last time T, which is no transpose."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

CBOW = r"""$$u_j = {v'_j}^T h, \quad y_j = \frac{\exp(u_j)}{\sum_{k=1}^V \exp(u_k)}, \quad E = -\sum_j t_j \log y_j$$

with $\sum_j t_j = 1$.

$$\frac{\partial E}{\partial u_j} = NAMED$$

$$\frac{\partial E}{\partial v'_j} = e_j h$$

$$\frac{\partial E}{\partial h} = \sum_{j=1}^V e_j v'_j := EH$$
"""


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in verify(text, budget=20).equations][-3:]


@pytest.mark.parametrize("named", ["y_j - t_j := e_j", "y_j - t_j = e_j", r"y_j - t_j \equiv e_j"])
def test_a_name_behind_a_derivative(named):
    assert verdicts(CBOW.replace("NAMED", named)) == ["proved"] * 3
    assert verdicts(CBOW.replace("NAMED", named.replace("-", "+")))[0] == "refuted"


def test_a_name_alone_is_a_definition():
    assert verdicts(CBOW.replace("NAMED", "e_j")) == ["definition", "proved", "proved"]


def test_what_was_said_before_is_a_claim():
    text = CBOW.replace("NAMED", "y_j - t_j = e_j").replace(
        "with $", r"with $e_j = 2 (y_j - t_j)$, $"
    )
    assert verdicts(text)[0] == "refuted"


SCALAR = r"""$$h_t = \tanh(w h_{t-1} + u x_t), \quad \hat y = v h_T, \quad L = \frac12 (\hat y - y)^2$$

$$\frac{\partial h_t}{\partial h_{t-1}} = w (1 - h_t^2)$$

$$\frac{\partial L}{\partial w} = \sum_{t=1}^T \frac{\partial L}{\partial h_t} (1 - h_t^2) %s$$
"""


def test_a_sum_to_the_last_time_makes_no_vectors():
    assert verdicts(SCALAR % "h_{t-1}")[1:] == ["proved", "agrees"]
    assert verdicts(SCALAR % "h_t")[1:] == ["proved", "refuted"]

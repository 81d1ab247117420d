"""A condition beside a display limits the claim; outside of it nothing is refuted."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

SOFTMAX = (
    r"Let $z = W x + b$ with $z \in \mathbb{R}^K$, $p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$ and "
    r"$L = -\sum_k y_k \log p_k$ where $y$ is one-hot. "
    r"$$\frac{\partial p_i}{\partial z_i} = p_i (1 - p_i)$$ "
)
NEURON = r"A neuron: $z = w x + b$, $a = \max(0, z)$, loss $L = \frac12 (a - t)^2$. "


def last(text: str) -> str:
    return verify(text, budget=20).equations[-1].verdict


@pytest.mark.parametrize(
    "how", [r"\quad (i \neq j)", r"\quad \text{for } i \ne j", r", \quad i \neq j"]
)
def test_different_indices(how):
    claim = r"$$\frac{\partial p_i}{\partial z_j} = %s p_i p_j %s$$"
    assert last(SOFTMAX + claim % ("-", how)) == "proved"
    assert last(SOFTMAX + claim % ("", how)) == "refuted"
    assert last(SOFTMAX + claim % ("-", "")) == "refuted"


@pytest.mark.parametrize("how", [r"\quad \text{if } z %s 0", r"\quad (z %s 0)", r", \qquad z %s 0"])
def test_the_sign_of_a_number(how):
    claim = NEURON + r"$$\frac{\partial L}{\partial b} = %s %s$$"
    assert last(claim % ("a - t", how % ">")) == "proved"
    assert last(claim % ("0", how % "<")) == "proved"
    assert last(claim % ("t - a", how % ">")) == "refuted"
    assert last(claim % ("a - t", how % "<")) == "refuted"


def test_a_condition_that_no_sample_meets_proves_nothing():
    claim = NEURON + r"$$\frac{\partial L}{\partial b} = t - a \quad \text{if } %s$$"
    assert last(claim % "a < 0") == "not_understood"


def test_a_reason_or_a_range_is_no_condition():
    claim = NEURON + r"$$\frac{\partial L}{\partial b} = t - a \quad %s$$"
    assert last(claim % r"\text{since } a = z") == "refuted"
    assert last(claim % r"\text{for } i = 1, \ldots, n") == "refuted"


def test_prose_before_the_display():
    assert (
        last(NEURON + "If $z > 0$ then\n\n" + r"$$\frac{\partial L}{\partial b} = a - t$$")
        != "refuted"
    )


RIGHT = ("proved", "agrees")
WRONG = ("refuted", "ill_formed")
NEGATIVES = r"""$z_i = u_i^\top v$ for $i = 0, \dots, K$ and $J = -\log \sigma(z_0) - \sum_{k=1}^{K} \log \sigma(-z_k)$
with the logistic function $\sigma$.

%s

$$%s$$
"""


@pytest.mark.parametrize(
    ("before", "claim", "verdicts"),
    [
        (
            r"For a negative word $k \ge 1$:",
            r"\frac{\partial J}{\partial z_k} = \sigma(z_k)",
            RIGHT,
        ),
        (
            r"For a negative word $k \ge 1$:",
            r"\frac{\partial J}{\partial z_k} = \sigma(-z_k)",
            WRONG,
        ),
        (r"For $k = 1, \dots, K$", r"\frac{\partial J}{\partial u_k} = \sigma(z_k) v", RIGHT),
        (r"For $k = 1, \dots, K$", r"\frac{\partial J}{\partial u_k} = (\sigma(z_k) - 1) v", WRONG),
        (r"For the first one", r"\frac{\partial J}{\partial z_0} = \sigma(z_0) - 1", RIGHT),
        (r"For every word", r"\frac{\partial J}{\partial z_k} = \sigma(z_k)", WRONG),
    ],
)
def test_a_range_before_a_claim_leaves_out_what_it_does_not_name(
    before: str, claim: str, verdicts: tuple[str, ...]
) -> None:
    assert verify(NEGATIVES % (before, claim)).equations[-1].verdict in verdicts

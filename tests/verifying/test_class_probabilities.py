r"""`P(y = k \mid x)` is the entry k of a quantity P."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

LOGISTIC = r"""$$P(y = 1 \mid x) = \sigma(w^T x + b), \quad P(y = 0 \mid x) = 1 - P(y = 1 \mid x)$$

where $\sigma$ is the sigmoid.

$$L = - y \log P(y = 1 \mid x) - (1 - y) \log P(y = 0 \mid x)$$

$$%s$$
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial L}{\partial w} = (P(y = 1 \mid x) - y) x", "proved"),
        (r"\frac{\partial L}{\partial b} = P(y = 1 | x) - y", "proved"),
        (r"\frac{\partial L}{\partial w} = (P(y = 0 \mid x) - y) x", "refuted"),
        (r"\frac{\partial L}{\partial w} = (y - P(y = 1 \mid x)) x", "refuted"),
    ],
)
def test_logistic_regression(claim: str, verdict: str):
    assert verify(LOGISTIC % claim, budget=20).equations[-1].verdict == verdict


def test_another_condition_is_no_class():
    assert verify(r"$$P(o \mid c, h) = \sigma(u^T v)$$").equations[0].verdict == "not_understood"


def test_what_is_said_of_one_example_is_no_slip_of_another_letter():
    text = r"""$$P(y = k \mid x) = \frac{\exp(\theta_k^T x)}{\sum_j \exp(\theta_j^T x)}$$

We abbreviate $p_k^{(i)} = P(y = k \mid x^{(i)})$.

$$p_k^{(i)} = \frac{\exp(\theta_k^T x^{(i)})}{\sum_j \exp(\theta_j^T x^{(i)})}$$"""
    assert not any(e.is_wrong for e in verify(text).equations)

r"""Kernels with named errors counted from 0: `\sum_{i=0}^{N-K} \delta_i x_{i+m}`."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TEXT = r"""
$$y_i = \sum_{m=0}^{K-1} w_m x_{i+m} + b$$
Given $\delta_i = \frac{\partial L}{\partial y_i}$:
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial L}{\partial w_m} = \sum_{i=0}^{N-K} \delta_i x_{i+m}", True),
        (r"\frac{\partial L}{\partial w_m} = \sum_{i=0}^{N-K} \delta_i x_{i}", False),
        (r"\frac{\partial L}{\partial w_m} = \sum_{i=0}^{N-K} \delta_i x_{i-m}", False),
        (r"\frac{\partial L}{\partial b} = \sum_{i=0}^{N-K} \delta_i", True),
        (r"\frac{\partial L}{\partial b} = -\sum_{i=0}^{N-K} \delta_i", False),
    ],
)
def test_errors_run_as_far_as_what_they_are_errors_of(claim: str, right: bool) -> None:
    found = verify(f"{TEXT}\n$${claim}$$").equations[-1].verdict
    assert found in (("proved", "agrees") if right else ("refuted", "ill_formed"))

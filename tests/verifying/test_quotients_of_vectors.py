r"""Quotients of vectors, `-y / a`, are meant entry by entry; the L of the cost beside the last layer L."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

ENTROPY = r"""
$$z = W h, \quad a = \sigma(z)$$
$$C = -\sum_k [y_k \log a_k + (1 - y_k) \log(1 - a_k)]$$
"""

DEEP = r"""
$$z^{[l]} = W^{[l]} a^{[l-1]} + b^{[l]}, \quad a^{[l]} = \sigma(z^{[l]})$$
$$L = -\sum_k y_k \log a_k^{[L]}$$
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial C}{\partial a} = -\frac{y}{a} + \frac{1 - y}{1 - a}", "proved"),
        (r"\frac{\partial C}{\partial a} = \frac{a - y}{a \odot (1 - a)}", "proved"),
        (
            r"\frac{\partial C}{\partial z} = \frac{a - y}{a \odot (1 - a)} \odot \sigma'(z)",
            "proved",
        ),
        (r"\frac{\partial C}{\partial a} = -\frac{y}{a} - \frac{1 - y}{1 - a}", "refuted"),
        (r"\frac{\partial C}{\partial a} = \frac{a - y}{1 - a}", "refuted"),
        (r"\frac{\partial C}{\partial a} = -\frac{y^\top}{a} + \frac{1 - y}{1 - a}", "ill_formed"),
    ],
)
def test_quotients_entry_by_entry(claim: str, verdict: str) -> None:
    assert verify(f"{ENTROPY}\n$${claim}$$").equations[-1].verdict == verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial L}{\partial a^{[L]}} = -\frac{y}{a^{[L]}}", "proved"),
        (r"\frac{\partial L}{\partial a^{[L]}} = \frac{y}{a^{[L]}}", "refuted"),
        (
            r"\frac{\partial L}{\partial z^{[L]}} = -\frac{y}{a^{[L]}} \odot \sigma'(z^{[L]})",
            "proved",
        ),
        (
            r"\frac{\partial L}{\partial a^{[l-1]}} = W^{[l]\top} \frac{\partial L}{\partial z^{[l]}}",
            "proved",
        ),
        (
            r"\frac{\partial L}{\partial a^{[l-1]}} = -W^{[l]\top} \frac{\partial L}{\partial z^{[l]}}",
            "refuted",
        ),
    ],
)
def test_the_cost_and_the_last_layer_have_one_letter(claim: str, verdict: str) -> None:
    report = verify(f"{DEEP}\n$${claim}$$")
    assert [e.verdict for e in report.equations[:-1]] == ["definition"] * 2
    found = report.equations[-1].verdict
    assert ("proved" if found == "agrees" else found) == verdict

r"""Convolutions: `x_{i+k}` says how long x is, ranges start at 0, and reading back at `j - k` meets the ends.

Each right and wrong: a wrong claim is never accepted, and neither is a relation of sizes that does not
lead to the entries that are read.
"""

import pytest

import symbackprop as sb

ACCEPTED = ("proved", "agrees", "definition")

TEXT = r"""
The signal is $x_0, \dots, x_{n-1}$, the kernel $w_0, \dots, w_{K-1}$, and there are $SIZE$ positions.

$$z_i = b + \sum_{k=0}^{K-1} w_k x_{i+k}$$

$$a_i = \max(0, z_i)$$

$$s = \frac{1}{m} \sum_{i=0}^{m-1} a_i$$

$$L = \frac{1}{2} (s - t)^2$$

$$\delta_i = \frac{\partial L}{\partial z_i}$$

"""


def last(claim: str, size: str = "m = n - K + 1") -> str:
    return sb.verify(TEXT.replace("SIZE", size) + f"$${claim}$$", budget=20).equations[-1].verdict


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial L}{\partial w_k} = \sum_{i=0}^{m-1} \delta_i x_{i+k}", True),
        (r"\frac{\partial L}{\partial w_k} = \sum_{i=0}^{m-1} \delta_i x_i", False),
        (r"\frac{\partial L}{\partial w_k} = \sum_{i=0}^{m-2} \delta_i x_{i+k}", False),
        (r"\frac{\partial z_i}{\partial w_k} = x_{i+k}", True),
        (r"\frac{\partial z_i}{\partial w_k} = x_{i-k}", False),
        (r"\frac{\partial L}{\partial x_j} = \sum_{k=0}^{K-1} \delta_{j-k} w_k", True),
        (r"\frac{\partial L}{\partial x_j} = \sum_{k=0}^{K-1} \delta_{j+k} w_k", False),
        (r"\frac{\partial L}{\partial x_j} = \sum_{k=0}^{K-1} \delta_{j-k} w_{K-1-k}", False),
        (r"\frac{\partial L}{\partial b} = \sum_{i=0}^{m-1} \delta_i", True),
        (r"\frac{\partial L}{\partial b} = \sum_{k=0}^{K-1} \delta_k", False),
    ],
)
def test_claims_about_a_convolution(claim: str, right: bool):
    assert (last(claim) in ACCEPTED) == right


def test_what_holds_for_inner_places_only_is_left_open():
    claim = r"\frac{\partial L}{\partial x_j} = \delta_j w_0 + \delta_{j-1} w_1 + \delta_{j-2} w_2"
    assert last(claim) == "not_understood"


@pytest.mark.parametrize(
    ("size", "right"), [("m = n - K + 1", True), ("m = n - K", False), ("m = n + K - 1", False)]
)
def test_a_size_that_follows_from_others(size: str, right: bool):
    found = sb.verify(TEXT.replace("SIZE", size)).equations
    verdict = next(e.verdict for e in found if e.latex == size)
    assert (verdict in ACCEPTED) == right


@pytest.mark.parametrize(("low", "high", "at"), [("1", "K", "i+k-1"), ("0", "K-1", "i+k")])
def test_counted_from_one_or_from_nought(low: str, high: str, at: str):
    text = (
        rf"$z_i = \sum_{{k={low}}}^{{{high}}} w_k x_{{{at}}}$ and "
        rf"$L = \sum_{{i={low}}}^{{{'m' if low == '1' else 'm-1'}}} z_i^2$."
    )
    claim = rf"$$\frac{{\partial L}}{{\partial w_k}} = %s \sum_i z_i x_{{{at}}}$$"
    assert sb.verify(text + "\n\n" + claim % "2").equations[-1].verdict in ACCEPTED
    assert sb.verify(text + "\n\n" + claim % "").equations[-1].verdict not in ACCEPTED

r"""Residual layers: `h_{l+1} = h_l + F(h_l)`, with a bare F and with weights of one width."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

BARE = r"$$h_{l+1} = h_l + F(h_l)$$"
WEIGHTS = r"$$h_{l+1} = h_l + V_l \sigma(W_l h_l)$$"
LINEAR = r"$$h^{(l+1)} = h^{(l)} + W^{(l)} h^{(l)}$$"


@pytest.mark.parametrize(
    ("network", "claim", "verdict"),
    [
        (BARE, r"\frac{\partial h_{l+1}}{\partial h_l} = I + \frac{\partial F(h_l)}{\partial h_l}", "proved"),
        (BARE, r"\frac{\partial h_{l+1}}{\partial h_l} = I - \frac{\partial F(h_l)}{\partial h_l}", "refuted"),
        (BARE, r"h_{l+2} = h_l + F(h_l) + F(h_{l+1})", "proved"),
        (BARE, r"h_{l+2} = h_l + F(h_l) + F(h_l)", "refuted"),
        (BARE, r"h_L = h_l + \sum_{i=l}^{L-1} F(h_i)", "proved"),
        (BARE, r"h_L = h_l - \sum_{i=l}^{L-1} F(h_i)", "refuted"),
        (BARE, r"h_L = h_l + \sum_{i=l+1}^{L-1} F(h_i)", "refuted"),
        (BARE, r"\frac{\partial E}{\partial h_l} = \frac{\partial E}{\partial h_{l+1}} (1 + F'(h_l))", "proved"),
        (BARE, r"\frac{\partial E}{\partial h_l} = \frac{\partial E}{\partial h_{l+1}} F'(h_l)", "refuted"),
        (LINEAR, r"\frac{\partial h^{(l+1)}}{\partial h^{(l)}} = I + W^{(l)}", "proved"),
        (LINEAR, r"\frac{\partial h^{(l+1)}}{\partial h^{(l)}} = I - W^{(l)}", "refuted"),
        (
            WEIGHTS,
            r"\frac{\partial E}{\partial h_l} = \frac{\partial E}{\partial h_{l+1}}"
            r" + W_l^\top (\sigma'(W_l h_l) \odot (V_l^\top \frac{\partial E}{\partial h_{l+1}}))",
            "proved",
        ),
        (
            WEIGHTS,
            r"\frac{\partial E}{\partial h_l} = W_l^\top (\sigma'(W_l h_l) \odot"
            r" (V_l^\top \frac{\partial E}{\partial h_{l+1}}))",
            "refuted",
        ),
    ],
)  # fmt: skip
def test_what_passes_through_residual_layers(network: str, claim: str, verdict: str) -> None:
    report = verify(f"{network}\n\n$${claim}$$")
    assert [e.verdict for e in report.equations] == ["definition", verdict]


def test_the_part_of_two_arguments_is_left_open() -> None:
    text = r"$$x_{l+1} = x_l + F(x_l, W_l)$$ $$x_{l+2} = x_l + F(x_l, W_l) + F(x_l, W_l)$$"
    assert verify(text).equations[-1].verdict == "not_understood"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial E}{\partial x} = \frac{\partial E}{\partial h_0}", "proved"),
        (r"\frac{\partial E}{\partial x} = \frac{\partial E}{\partial h_1}", "refuted"),
        (
            r"\frac{\partial E}{\partial W_l} = \frac{\partial E}{\partial z_l} h_{l+1}^\top",
            "refuted",
        ),
    ],
)
def test_what_the_first_layer_starts_with_is_carried_along(claim: str, verdict: str) -> None:
    text = r"""
$$h_{l+1} = h_l + V_l a_l, \quad z_l = W_l h_l + b_l, \quad a_l = \sigma(z_l)$$
$$h_0 = x$$
$$E = \frac12 \|h_L - y\|^2$$
"""
    assert verify(f"{text}\n$${claim}$$").equations[-1].verdict == verdict

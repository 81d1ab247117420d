"""A statement about any layer l, beside layers that are written out with numbers."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

MATRICES = r"""
Take the network with the sigmoid $\sigma$

$$z^{(1)} = W^{(1)} x + b^{(1)}, \quad a^{(1)} = \sigma(z^{(1)})$$

$$z^{(2)} = W^{(2)} a^{(1)} + b^{(2)}, \quad a^{(2)} = \sigma(z^{(2)})$$

$$J = \frac{1}{2} \lVert a^{(2)} - y \rVert^2$$

Define the error of layer $l$ as

$$\delta^{(l)} = \frac{\partial J}{\partial z^{(l)}}$$

"""
ENTRIES = r"""
Take the network with the sigmoid $\sigma$

$$z_j^{[1]} = \sum_k w^{[1]}_{jk} x_k + b^{[1]}_j, \quad a^{[1]}_j = \sigma(z^{[1]}_j)$$

$$z_j^{[2]} = \sum_k w^{[2]}_{jk} a^{[1]}_k + b^{[2]}_j, \quad a^{[2]}_j = \sigma(z^{[2]}_j)$$

$$J = \frac{1}{2} \sum_j (a^{[2]}_j - y_j)^2$$

Define $\delta^{[l]}_j = \frac{\partial J}{\partial z^{[l]}_j}$.

"""
NUMBERS_BELOW = MATRICES.translate(str.maketrans({"(": "(", ")": ")"}))
for old, new in (("^{(1)}", "_1"), ("^{(2)}", "_2"), ("^{(l)}", "_l")):
    NUMBERS_BELOW = NUMBERS_BELOW.replace(old, new)


def last(text: str) -> str:
    return verify(text, budget=20).equations[-1].verdict


@pytest.mark.parametrize(
    ("network", "right", "wrong"),
    [
        (
            MATRICES,
            r"\delta^{(2)} = (a^{(2)} - y) \odot \sigma'(z^{(2)})",
            r"\delta^{(2)} = (y - a^{(2)}) \odot \sigma'(z^{(2)})",
        ),
        (
            MATRICES,
            r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot \sigma'(z^{(1)})",
            r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot \sigma(z^{(1)})",
        ),
        (
            MATRICES,
            r"\frac{\partial J}{\partial W^{(l)}} = \delta^{(l)} (a^{(l-1)})^T",
            r"\frac{\partial J}{\partial W^{(l)}} = \delta^{(l)} (a^{(l)})^T",
        ),
        (
            MATRICES,
            r"\delta^{(l)} = (W^{(l+1)})^T \delta^{(l+1)} \odot \sigma'(z^{(l)})",
            r"\delta^{(l)} = -(W^{(l+1)})^T \delta^{(l+1)} \odot \sigma'(z^{(l)})",
        ),
        (
            MATRICES,
            r"\delta^{(L)} = (a^{(L)} - y) \odot \sigma'(z^{(L)})",
            r"\delta^{(L)} = (a^{(L)} - y) \odot \sigma'(z^{(L-1)})",
        ),
        (
            ENTRIES,
            r"\frac{\partial J}{\partial w^{[1]}_{jk}} = \delta^{[1]}_j x_k",
            r"\frac{\partial J}{\partial w^{[1]}_{jk}} = \delta^{[2]}_j x_k",
        ),
        (
            ENTRIES,
            r"\frac{\partial J}{\partial w^{[l]}_{jk}} = \delta^{[l]}_j a^{[l-1]}_k",
            r"\frac{\partial J}{\partial w^{[l]}_{jk}} = \delta^{[l]}_k a^{[l-1]}_j",
        ),
        (
            NUMBERS_BELOW,
            r"\frac{\partial J}{\partial W_l} = \delta_l (a_{l-1})^T",
            r"\frac{\partial J}{\partial W_l} = -\delta_l (a_{l-1})^T",
        ),
        (
            NUMBERS_BELOW,
            r"\delta_1 = W_2^T \delta_2 \odot \sigma'(z_1)",
            r"\delta_1 = W_2^T \delta_2 \odot \sigma'(z_2)",
        ),
    ],
)
def test_any_layer_means_every_layer_that_is_written_out(network, right, wrong):
    assert last(f"{network}$${right}$$") == "proved"
    assert last(f"{network}$${wrong}$$") in ("refuted", "ill_formed")


def test_weights_of_all_layers_are_summed():
    text = MATRICES.replace(
        r"\rVert^2$$", r"\rVert^2 + \frac{\lambda}{2} \sum_{l=1}^{2} \lVert W^{(l)} \rVert^2$$"
    )
    rule = r"\frac{\partial J}{\partial W^{(l)}} = \delta^{(l)} (a^{(l-1)})^T"
    assert last(rf"{text}$${rule} + \lambda W^{{(l)}}$$") == "proved"
    assert last(f"{text}$${rule}$$") == "refuted"


def test_a_layer_that_is_not_there_is_said():
    [*_, e] = verify(MATRICES + r"$$\delta^{(l+2)} = W^{(l+2)} \delta^{(l)}$$").equations
    assert e.verdict == "not_understood"
    assert "does not write out" in e.reason


def test_one_statement_has_one_member_however_many_layers_it_is_about():
    [*_, e] = verify(MATRICES + r"$$\frac{\partial J}{\partial b^{(l)}} = \delta^{(l)}$$").equations
    assert [m.verdict for m in e.members] == ["proved"]

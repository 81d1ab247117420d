"""Networks whose examples are rows, written as people write programs: entries, rows, biases, numbered layers.

All gradients are those of a least-squares network with one hidden layer; each wrong one differs by one letter.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import symbackprop as sb

ACCEPTED = ("proved", "agrees")
WRONG = ("refuted", "ill_formed")

NETWORK = r"""
$$Z_1 = X W_1 + b_1, \quad A_1 = \sigma(Z_1), \quad Z_2 = A_1 W_2 + b_2, \quad L = \frac12 \|Z_2 - Y\|^2$$

Here $\delta_2 = \frac{\partial L}{\partial Z_2}$ and $\delta_1 = \frac{\partial L}{\partial Z_1}$.

"""
SHAPES = r"""
With $X \in \mathbb{R}^{N \times D}$, $Y \in \mathbb{R}^{N \times K}$, $W_1 \in \mathbb{R}^{D \times H}$,
$b_1 \in \mathbb{R}^{1 \times H}$, $W_2 \in \mathbb{R}^{H \times K}$ and $b_2 \in \mathbb{R}^{1 \times K}$:
"""


def verdict(text: str, tmp_path: Path, name: str = "a.md") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return sb.verify(path).equations[-1].verdict


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\frac{\partial L}{\partial b_2} = \sum_{n=1}^N (\delta_2)_{n,:}", ACCEPTED),
        (r"\frac{\partial L}{\partial b_2} = \sum_{n=1}^N (Z_2 - Y)_{n,:}", ACCEPTED),
        (r"\frac{\partial L}{\partial b_2} = \sum_{n=1}^N (Y - Z_2)_{n,:}", WRONG),
        (r"\frac{\partial L}{\partial b_2} = \sum_{n=1}^N (A_1)_{n,:}", WRONG),
        (r"\frac{\partial L}{\partial (b_2)_k} = \sum_{n=1}^N (\delta_2)_{nk}", ACCEPTED),
        (r"\frac{\partial L}{\partial b_{2,k}} = \sum_{n=1}^N \delta_{2,nk}", ACCEPTED),
        (r"\frac{\partial L}{\partial (b_2)_k} = \sum_{n=1}^N (Y - Z_2)_{nk}", WRONG),
        (r"\frac{\partial L}{\partial (W_1)_{dh}} = \sum_{n=1}^N X_{nd} (\delta_1)_{nh}", ACCEPTED),
        (r"\frac{\partial L}{\partial (W_1)_{dh}} = \sum_{n=1}^N X_{nd} (\delta_2)_{nh}", WRONG),
        (r"\frac{\partial L}{\partial (W_2)_{hk}} = \sum_{n=1}^N (A_1)_{nh} (\delta_2)_{nk}", ACCEPTED),
        (r"\frac{\partial L}{\partial (W_2)_{ij}} = \sum_{n=1}^N (A_1)_{nj} (\delta_2)_{ni}", WRONG),
        (r"\frac{\partial L}{\partial W_2} = \sum_{n=1}^N (A_1)_{n,:}^T (\delta_2)_{n,:}", ACCEPTED),
        (r"\frac{\partial L}{\partial W_2} = \sum_{n=1}^N (\delta_2)_{n,:}^T (A_1)_{n,:}", WRONG),
        (r"\delta_{1,nh} = \sum_k \delta_{2,nk} W_{2,hk} \sigma'(Z_{1,nh})", ACCEPTED),
        (r"\delta_{1,nh} = \sum_k \delta_{2,nk} W_{2,hk} \sigma'(Z_{2,nh})", (*WRONG, "not_understood")),
    ],
)  # fmt: skip
def test_entries_and_rows_of_numbered_matrices(
    claim: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    assert verdict(f"{SHAPES}{NETWORK}$${claim}$$\n", tmp_path) in expected


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\frac{\partial L}{\partial b_2} = \mathbf{1}^\top \delta_2", ACCEPTED),
        (r"\frac{\partial L}{\partial b_2} = \delta_2^\top \mathbf{1}", ACCEPTED),
        (r"\frac{\partial L}{\partial b_2} = \mathbf{1}^\top \delta_1", WRONG),
        (r"\frac{\partial L}{\partial b_2} = -\mathbf{1}^\top \delta_2", WRONG),
        (r"\frac{\partial L}{\partial W_1} = X^\top \delta_1", ACCEPTED),
        (r"\frac{\partial L}{\partial X} = \delta_1 W_1", WRONG),
    ],
)
@pytest.mark.parametrize("shapes", [SHAPES, ""], ids=["said", "open"])
def test_a_bias_of_rows_is_a_row(
    claim: str, expected: tuple[str, ...], shapes: str, tmp_path: Path
) -> None:
    assert verdict(f"{shapes}{NETWORK}$${claim}$$\n", tmp_path) in expected


LAYERS = r"""
$$Z_1 = X W_1 + b_1, \quad H_1 = \tanh(Z_1), \quad Z_2 = H_1 W_2 + b_2, \quad H_2 = \tanh(Z_2)$$

$$Z_3 = H_2 W_3 + b_3, \quad L = \frac12 \|Z_3 - Y\|^2$$

I write $G_i = \frac{\partial L}{\partial Z_i}$ for any layer $i$ and, for a moment, $S = Z_3$.

$$G_3 = Z_3 - Y$$

"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"G_2 = (G_3 W_3^\top) \odot (1 - H_2 \odot H_2)", ACCEPTED),
        (r"G_2 = (G_3 W_3^\top) \odot (1 - Z_2 \odot Z_2)", WRONG),
        (r"\frac{\partial L}{\partial W_i} = H_{i-1}^\top G_i", ACCEPTED),
        (r"\frac{\partial L}{\partial W_i} = H_i^\top G_i", WRONG),
        (r"\frac{\partial L}{\partial S_{nk}} = S_{nk} - Y_{nk}", ACCEPTED),
        (r"\frac{\partial L}{\partial S_{nk}} = Y_{nk} - S_{nk}", WRONG),
    ],
)
def test_a_letter_for_any_layer_and_a_short_name(
    claim: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    assert verdict(f"{LAYERS}$${claim}$$\n", tmp_path) in expected


PLAIN = """
One example per row of X; y is a column of n labels.

    Z1 = X·W1 + b1
    A1 = max(0, Z1)
    Z2 = A1·W2 + b2
    ŷ = σ(Z2)

    L = -(1/n) · Σᵢ [ yᵢ·log(ŷᵢ) + (1 - yᵢ)·log(1 - ŷᵢ) ]

    σ(z) = 1/(1 + exp(-z))

    dW2 = A1ᵀ·dZ2

"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("dZ2 = (ŷ - y)/n", ACCEPTED),
        ("dZ2 = ŷ - y", WRONG),
        ("db1 = Σᵢ dZ1ᵢ", ACCEPTED),
        ("dA1 = dZ2·W2ᵀ", ACCEPTED),
        ("dX = dZ1·W1ᵀ", ACCEPTED),
        ("dX = dZ1·W1", WRONG),
        ("dZ1 = dA1 ⊙ A1", WRONG),
    ],
)
def test_names_as_in_programs(claim: str, expected: tuple[str, ...], tmp_path: Path) -> None:
    assert verdict(f"{PLAIN}    {claim}\n", tmp_path, "a.txt") in expected

r"""Names of several capitals: the focal loss FL, the divergence D_{KL}; products of matrices stay products."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

FOCAL = r"$$p = \sigma(x) = \frac{1}{1 + e^{-x}}$$ $$FL = -(1 - p)^\gamma \log p$$"
KL = r"$$D_{KL} = -\frac12 \sum_{j=1}^J (1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2)$$"


@pytest.mark.parametrize(
    ("text", "claim", "verdict"),
    [
        (FOCAL, r"\frac{dFL}{dx} = (1 - p)^\gamma (\gamma p \log p + p - 1)", "proved"),
        (FOCAL, r"\frac{dFL}{dx} = (1 - p)^\gamma (\gamma p \log p + 1 - p)", "refuted"),
        (FOCAL, r"\frac{dFL}{dp} = \gamma (1 - p)^\gamma \log p - \frac{(1 - p)^\gamma}{p}", "refuted"),
        (KL, r"\frac{\partial D_{KL}}{\partial \sigma_j} = \sigma_j - \frac{1}{\sigma_j}", "proved"),
        (KL, r"\frac{\partial D_{KL}}{\partial \sigma_j} = \sigma_j + \frac{1}{\sigma_j}", "refuted"),
        (KL, r"\frac{\partial D_{KL}}{\partial \mu_j} = -\mu_j", "refuted"),
    ],
)  # fmt: skip
def test_words_of_capitals(text: str, claim: str, verdict: str) -> None:
    assert verify(f"{text}\n\n$${claim}$$").equations[-1].verdict == verdict


def test_a_product_of_matrices_is_no_word() -> None:
    text = r"$$Z = W X$$ $$WX = Z$$ $$XW = Z$$ Here $W$ is a matrix, and so is $X$."
    found = [e.verdict for e in verify(text).equations]
    assert found[:2] == ["definition", "proved"]
    assert found[2] in ("refuted", "ill_formed")

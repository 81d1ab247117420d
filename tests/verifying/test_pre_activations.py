r"""`\bar i, \bar f` for the pre-activations: what an accent names without an equation for each."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TEXT = r"""
$$r = \sigma(W_r x + b_r), \qquad f = \tanh(W_f x + b_f), \qquad h = r \odot f$$

$$E = \frac{1}{2} \| h - y \|^2$$

"""
ONE_TOLD = r"I write $\bar{r}, \bar{f}$ for the pre-activations, so that $\bar{r} = W_r x + b_r$."
NONE_TOLD = r"The pre-activations are denoted by $\bar{r}$ and $\bar{f}$."
BEHIND = r"Here $\bar{r}$ and $\bar{f}$ are the net inputs of the two units."


@pytest.mark.parametrize("said", [ONE_TOLD, NONE_TOLD, BEHIND])
@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (
            r"\frac{\partial E}{\partial \bar{f}} = \frac{\partial E}{\partial f} \odot (1 - f^2)",
            "proved",
        ),
        (
            r"\frac{\partial E}{\partial \bar{f}} = \frac{\partial E}{\partial f} \odot (1 - f)^2",
            "refuted",
        ),
        (r"\frac{\partial E}{\partial W_r} = \frac{\partial E}{\partial \bar{r}} x^T", "proved"),
        (r"\frac{\partial E}{\partial b_r} = \frac{\partial E}{\partial r}", "refuted"),
        (
            r"\frac{\partial E}{\partial b_r} = \frac{\partial E}{\partial r} \odot r \odot (1 - r)",
            "proved",
        ),
    ],
)
def test_pre_activations(said: str, claim: str, verdict: str) -> None:
    assert verify(f"{TEXT}{said}\n\n$${claim}$$").equations[-1].verdict == verdict


def test_an_accent_without_such_prose_is_no_pre_activation() -> None:
    claim = (
        r"\frac{\partial E}{\partial \bar{f}} = \frac{\partial E}{\partial f} \odot (1 - f \odot f)"
    )
    said = r"The averages are $\bar{r}$ and $\bar{f}$."
    assert verify(f"{TEXT}{said}\n\n$${claim}$$").equations[-1].verdict == "not_understood"

r"""Costs that a text leaves open: `\partial C/\partial z^l` of any C, and never of the cost 0.

A cost that hangs on nothing would make every derivative 0 and every claim about them true.
"""

import pytest

import symbackprop as sb

NETWORK = r"""
For every layer $z^l = W^l a^{l-1} + b^l$ and $a^l = \sigma(z^l)$. The cost is $C$, and the error
$\delta^l = \frac{\partial C}{\partial z^l}$. With $\odot$ we multiply entry by entry, and $a^T$ is a row.
"""

RIGHT = [
    r"\delta^L = \frac{\partial C}{\partial a^L} \odot \sigma'(z^L)",
    r"\delta^L_j = \frac{\partial C}{\partial a_j^L} \sigma'(z_j^L)",
    r"\delta^l = ((W^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)",
    r"\frac{\partial C}{\partial b^l} = \delta^l",
    r"\frac{\partial C}{\partial W^l} = \delta^l (a^{l-1})^T",
    r"b^l \leftarrow b^l - \eta \delta^l",
]
WRONG = [
    r"\delta^L = \frac{\partial C}{\partial a^L} \odot \sigma(z^L)",
    r"\delta^L_j = \frac{\partial C}{\partial a_j^L} \sigma(z_j^L)",
    r"\delta^l = ((W^{l+1})^T \delta^{l+1}) \odot \sigma'(z^{l+1})",
    r"\frac{\partial C}{\partial b^l} = -\delta^l",
    r"\frac{\partial C}{\partial W^l} = -\delta^l (a^{l-1})^T",
    r"\frac{\partial C}{\partial W^l} = 2 \delta^l (a^{l-1})^T",
    r"b^l \leftarrow b^l + \eta \delta^l",
    r"W^l \leftarrow W^l + \eta \delta^l (a^{l-1})^T",
]


def verdict(claim: str, network: str = NETWORK) -> str:
    return sb.verify(f"{network}\n$${claim}$$\n", budget=20).equations[-1].verdict


@pytest.mark.parametrize("claim", RIGHT)
def test_true_of_any_cost(claim):
    assert verdict(claim) == "proved"


@pytest.mark.parametrize("claim", WRONG)
def test_wrong_for_some_cost(claim):
    assert verdict(claim) in ("refuted", "ill_formed")


def test_the_last_layer_may_have_another_letter():
    network = NETWORK + r"and $C = \frac12 \sum_p (a^D_p - y_p)^2$ for the output $a^D$."
    assert verdict(r"\delta^D = (a^D - y) \odot \sigma'(z^D)", network) == "proved"
    assert verdict(r"\delta^D = (y - a^D) \odot \sigma'(z^D)", network) == "refuted"


BATCH = r"""
With $Z = X W + b$, $A = \sigma(Z)$ and $J = \frac{1}{2 m} \|A - Y\|^2$, where $X W$ is a row for each
of the m examples:

$$dA = \frac{\partial J}{\partial A} = \frac{1}{m} (A - Y)$$
"""


def test_a_shorthand_that_is_said_to_be_a_derivative_of_the_mean_is_that_one():
    found = sb.verify(BATCH + r"$$dW = \frac{\partial J}{\partial W} = X^T (dA \odot \sigma'(Z))$$")
    assert [e.verdict for e in found.equations][-2:] == ["proved", "proved"]
    wrong = r"$$dW = \frac{\partial J}{\partial W} = \frac{1}{m} X^T (dA \odot \sigma'(Z))$$"
    assert sb.verify(BATCH + wrong).equations[-1].verdict == "refuted"


SUMMED = r"\Delta b^{(1)} &= \sum_{t=1}^{m} \nabla"
STEP = r"b^{(1)} &\leftarrow b^{(1)} - \alpha \frac{1}{m} \Delta b^{(1)}"
DECAYED = r"W^{(1)} - \alpha \left( \frac{1}{m} \Delta W^{(1)}"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (STEP, STEP.replace("{1}{m}", "{2}{m}")),
        (STEP, STEP.replace(r"\frac{1}{m} ", "")),
        (STEP, STEP.replace("- ", "+ ")),
        (DECAYED, DECAYED.replace("{1}{m}", "{2}{m}")),
        (SUMMED, SUMMED.replace(r"\sum", r"2 \sum")),
    ],
)
@pytest.mark.slow
def test_steps_with_sums_over_samples_are_judged_by_a_cost_that_depends_on_the_weights(
    right, wrong
):
    from pathlib import Path

    text = (Path(__file__).parents[2] / "output" / "ufldl.md").read_text(encoding="utf-8")
    assert right in text
    found = sb.verify(text.replace(right, wrong, 1)).equations
    assert any(e.verdict in ("refuted", "ill_formed") for e in found)

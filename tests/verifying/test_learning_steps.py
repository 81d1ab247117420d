"""Learning steps in other spellings than `w \\leftarrow w - …` are updates, and their sign counts."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

NEURON = r"""$$z = wx + b, \quad a = \sigma(z), \quad C = \frac12 (a-y)^2$$

with the sigmoid $\sigma$. $$\frac{\partial C}{\partial w} = (a-y) a (1-a) x$$

$$%s$$
"""

STEPS = [
    r"w \to w - \eta \frac{\partial C}{\partial w}",
    r"w \rightarrow w - \eta (a-y) a (1-a) x",
    r"w \mapsto w - \alpha \frac{\partial C}{\partial w}",
    r"w → w - \eta \frac{\partial C}{\partial w}",
    r"w \to w' = w - \eta \frac{\partial C}{\partial w}",
    r"w' = w - \eta \frac{\partial C}{\partial w}",
    r"w_{new} = w_{old} - \eta \frac{\partial C}{\partial w}",
    r"w^{\text{new}} = w^{\text{old}} - \eta \frac{\partial C}{\partial w}",
    r"w_{new} = w - \eta (a-y) a (1-a) x",
    r"w^{+} = w - \eta \frac{\partial C}{\partial w}",
    r"w_{t+1} = w_t - \lambda \frac{\partial C}{\partial w_t}",
    r"w^{(t+1)} = w^{(t)} - \eta \frac{\partial C}{\partial w} = w^{(t)} - \eta (a-y) a (1-a) x",
]


def last(step: str) -> str:
    return verify(NEURON % step).equations[-1].verdict


@pytest.mark.parametrize("step", STEPS)
def test_a_step_down_is_right_and_a_step_up_is_wrong(step):
    assert last(step) in ("proved", "checked")
    assert last(step.replace(" - ", " + ")) == "refuted"


@pytest.mark.parametrize(
    "definition",
    [
        r"h_{t+1} = h_t + \alpha \tanh(h_t)",
        r"x' = x + \epsilon \operatorname{sign}(\frac{\partial C}{\partial x})",
        r"a' = a + b",
        r"h_{t+1} = h_t + u_t",
    ],
)
def test_other_sums_are_no_steps(definition):
    assert last(definition) != "refuted"


def test_an_arrow_to_a_changed_value_leaves_a_trace():
    assert last(r"w \to w + \epsilon x'") in ("refuted", "not_understood")
    assert last(r"w \to w - \frac{\partial C}{\partial w}") == "not_understood"
    assert last(r"w \to w + \Delta w") == "not_understood"

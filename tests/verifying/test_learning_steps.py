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
    return verify(NEURON % step, budget=20).equations[-1].verdict


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


ONE = r"""
A neuron with the sigmoid $\sigma$: $$z = w x + b, \quad a = \sigma(z), \quad J = \frac{1}{2}(a - y)^2$$

"""
SPELLINGS = [
    "w(t+1) = w(t) -",
    "w(k+1) = w(k) -",
    "w^{(t+1)} = w^{(t)} -",
    "w_{new} = w_{old} -",
    r"w^{\text{new}} = w^{\text{old}} -",
    "w_{t+1} = w_t -",
    "w := w -",
    r"w \leftarrow w -",
    "w^{+} = w -",
    "w' = w -",
    r"\Delta w = -",
]


def test_all_spellings_of_a_step_in_one_document():
    right = "".join(rf"$${s} \eta (a - y) a (1 - a) x$$" + "\n\n" for s in SPELLINGS)
    [_, *found] = verify(ONE + right).equations
    assert [e.verdict for e in found] == ["proved"] * len(SPELLINGS)
    wrong = "".join(rf"$${s} \eta (a - y) a a (1 - a) x$$" + "\n\n" for s in SPELLINGS)
    [_, *found] = verify(ONE + wrong).equations
    assert [e.verdict for e in found] == ["refuted"] * len(SPELLINGS)


LAYER = r"""
$$z_j = \sum_i w_{ji} x_i, \quad a_j = \sigma(z_j)$$ (sigmoid) $$E = \frac{1}{2}\sum_j (a_j - y_j)^2$$

"""


def test_a_step_that_is_told_elsewhere():
    step = r"$$\Delta w_{ji}(t) = -\eta (a_j - y_j) a_j (1 - a_j) x_i$$" + "\n\n"
    change = r"$$w_{ji}(t+1) = w_{ji}(t) + \Delta w_{ji}(t)$$"
    *_, first, second = verify(LAYER + step + change).equations
    assert (first.verdict, second.verdict) == ("proved", "proved")
    *_, first, second = verify(LAYER + step.replace("-\\eta", "\\eta") + change).equations
    assert first.verdict == "refuted"
    [*_, alone] = verify(LAYER + change).equations
    assert alone.verdict == "not_understood"


def test_a_step_of_what_the_network_does_not_have_adds_nothing_up():
    for rule in (r"\delta x^T", r"\delta^T x"):
        [*_, e] = verify(LAYER + rf"$$W(t+1) = W(t) - \eta {rule}$$").equations
        assert e.verdict == "not_understood"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (r"w \leftarrow w - \eta \frac{\partial L}{\partial w} = w - \eta (z - y) x", "proved"),
        (r"w \leftarrow w - 2 \eta \frac{\partial L}{\partial w} = w - \eta (z - y) x", "refuted"),
        (r"w \leftarrow w + \eta \frac{\partial L}{\partial w} = w - \eta (z - y) x", "refuted"),
        (r"w \leftarrow w = w - \eta (z - y) x", "ill_formed"),
        (r"w := w - \eta \frac{\partial L}{\partial w} := w - \eta (z + y) x", "refuted"),
    ],
)
def test_every_form_of_a_step_is_judged_not_the_last_one_only(step, expected):
    text = rf"With $z = w x + b$ and $L = \frac12 (z - y)^2$: $${step}$$"
    assert verify(text, budget=20).equations[-1].verdict == expected


MEAN = r"v \leftarrow \beta v + (1 - \beta) \frac{\partial C}{\partial w}"
NEWTON = r"\left(\frac{\partial^2 C}{\partial w^2}\right)^{-1} \frac{\partial C}{\partial w}"
CARRIED = r"""$z = w x + b$, $a = \sigma(z)$, $C = \frac12 (a - y)^2$ with the sigmoid $\sigma$.

$$%s$$
"""


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        (MEAN + r", \quad w \leftarrow w - \eta v", "definition"),
        (MEAN + r", \quad w \leftarrow w + \eta v", "refuted"),
        (r"v \leftarrow \mu v - \eta \frac{\partial C}{\partial w}, \quad w \leftarrow w + v", "definition"),
        (r"v \leftarrow \mu v + \eta \frac{\partial C}{\partial w}, \quad w \leftarrow w + v", "refuted"),
        (r"v \leftarrow \mu v - \eta \frac{\partial C}{\partial b}, \quad w \leftarrow w + v", "not_understood"),
        (r"w \leftarrow w - \eta " + NEWTON, "not_understood"),
    ],
)  # fmt: skip
def test_steps_along_what_is_carried_go_down(steps: str, verdict: str) -> None:
    assert verify(CARRIED % steps).equations[-1].verdict == verdict


ONE_STEP = r"""$$L = \frac12 (w x + b - y)^2, \quad \frac{\partial L}{\partial w} = (w x + b - y) x$$

$$%s$$
"""

AT_ONE_STEP = [
    r"w_{new} = w_{old} - \eta (w_{old} x + b_{old} - y) x",
    r"w^{(t+1)} = w^{(t)} - \eta (w^{(t)} x + b^{(t)} - y) x",
    r"w_{t+1} = w_t - \eta (w_t x + b_t - y) x",
    r"w_{k+1} = w_k - \alpha \frac{\partial L}{\partial w_k} = w_k - \alpha (w_k x + b_k - y) x",
    r"b^{(t+1)} = b^{(t)} - \eta (w^{(t)} x + b^{(t)} - y)",
]


@pytest.mark.parametrize("step", AT_ONE_STEP)
def test_the_mark_of_a_step_stands_on_all_that_it_reads(step):
    def verdict(step: str) -> str:
        return verify(ONE_STEP % step, budget=20).equations[-1].verdict

    assert verdict(step) == "proved"
    assert verdict(step.replace(" - y", " + y")) == "refuted"
    assert (
        verdict(step.replace(r" - \eta (", r" + \eta (").replace(r" - \alpha", r" + \alpha"))
        == "refuted"
    )

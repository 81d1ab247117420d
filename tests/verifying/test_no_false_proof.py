r"""Wrong statements that were once accepted, or passed over in silence, each beside the right one."""

from __future__ import annotations

import pytest

import symbackprop as sb

ACCEPTED = {"proved", "agrees", "definition"}
FLAGGED = {"refuted", "ill_formed", "inconsistent", "misprint"}

NEURON = r"""
$$z = w x + b, \quad a = \tanh(z), \quad C = \frac12 (a - y)^2$$
"""
SIGMOID = r"""
A neuron with the sigmoid $\sigma$: $$z = w x + b, \quad a = \sigma(z), \quad C = \frac12 (a - y)^2$$
"""
TWO = r"""
$$h = \tanh(w_1 x + b_1), \quad o = w_2 h + b_2, \quad E = \frac12 (o - t)^2$$
"""


def verdicts(setting: str, said: str) -> list[str]:
    return [e.verdict for e in sb.verify(f"{setting}\n$${said}$$\n").equations[1:]]


REDEFINED = [
    (NEURON, r"C = \frac12 (\tanh(w x + b) - y)^2", r"C = \frac12 (\tanh(w x) - y)^2"),
    (NEURON, r"C = \frac12 (\tanh(w x + b) - y)^2", r"C = \frac12 (\tanh(w x - b) - y)^2"),
    (NEURON, r"a = \tanh(w x + b)", r"a = \tanh(w x)"),
    (NEURON, r"a = \tanh(w x + b)", r"a = \tanh(x)"),
    (TWO, r"o = w_2 \tanh(w_1 x + b_1) + b_2", r"o = w_2 \tanh(w_1 x) + b_2"),
]


@pytest.mark.parametrize(("setting", "right", "wrong"), REDEFINED)
def test_what_is_defined_by_others_is_not_defined_anew_by_their_inputs(setting, right, wrong):
    assert verdicts(setting, right) == ["proved"]
    assert verdicts(setting, wrong) == ["refuted"]


FUNCTIONS = [
    (NEURON, r"\tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}", r"\tanh z = \frac{e^z - e^{-z}}{e^z + e^z}"),
    (NEURON, r"\tanh(u) = \frac{e^{2 u} - 1}{e^{2 u} + 1}", r"\tanh(u) = \frac{e^{2 u} + 1}{e^{2 u} - 1}"),
    (SIGMOID, r"\sigma(z) = \frac{1}{1 + e^{-z}}", r"\sigma(z) = \frac{1}{1 + e^{z}}"),
    (SIGMOID, r"\sigma(z) = \frac{e^z}{1 + e^z}", r"\sigma(z) = \frac{1}{1 - e^{-z}}"),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "right", "wrong"), FUNCTIONS)
def test_a_misprinted_formula_of_a_known_function_does_not_define_it(setting, right, wrong):
    assert verdicts(setting, right) == ["proved"]
    assert verdicts(setting, wrong) == ["refuted"]


def test_other_functions_that_rise_may_be_called_sigmoid():
    assert verdicts(SIGMOID, r"\sigma(z) = \frac{2}{1 + e^{-z}} - 1") == ["proved"]


WEIGHTS = r"""
$$y = w x + b, \quad C_0 = \frac12 (y - t)^2, \quad C = C_0 + \frac{\lambda}{2} w^2$$
"""
STEPS = [
    (r"b \to b - \eta \frac{\partial C_0}{\partial b}", r"b \to b + \eta \frac{\partial C_0}{\partial b}"),
    (
        r"w \to (1 - \eta \lambda) w - \eta \frac{\partial C_0}{\partial w}",
        r"w \to (1 - \lambda) w - \eta \frac{\partial C_0}{\partial w}",
    ),
]  # fmt: skip
OPEN = r"""
$$C = C_0 + \frac{\lambda}{2 n} \sum_w w^2$$
"""


@pytest.mark.parametrize(("right", "wrong"), STEPS)
def test_steps_by_arrows(right, wrong):
    assert verdicts(WEIGHTS, right) == ["proved"]
    assert verdicts(WEIGHTS, wrong) == ["refuted"]


@pytest.mark.parametrize("step", [x for pair in STEPS for x in pair])
def test_a_step_of_learning_adds_nothing_up(step):
    assert not ACCEPTED & set(verdicts(OPEN, step)[-1:])
    assert verdicts(OPEN, step)  # nor is it passed over


FRAMES = [
    r"\boxed{%s}", r"\boxed{%s}.", r"\color{red}{%s}", r"{\color{blue} %s}", r"\textcolor{red}{%s}", r"{%s} \tag{7}",
    r"\begin{array}{l} %s \end{array}", r"\begin{matrix} z &= w x + b \\ %s \end{matrix}",
    r"\begin{cases} %s \\ z = w x + b \end{cases}", r"\begin{array}{rcl} a &=& \tanh(z) \\ %s \end{array}",
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
def test_what_stands_in_a_frame_is_judged(frame):
    right = r"\frac{\partial C}{\partial w} = (a - y) (1 - a^2) x"
    assert verdicts(NEURON, frame % right) == ["proved"]
    assert verdicts(NEURON, frame % right.replace(" x", "")) == ["refuted"]


@pytest.mark.parametrize(
    "frame", [r"\fbox{$%s$}", r"\left( %s \right)", r"\boxed{\frac{\partial C}{\partial w} =} %s"]
)
def test_what_cannot_be_read_is_not_passed_over(frame):
    said = frame % r"\frac{\partial C}{\partial w} = (a - y)"
    assert verdicts(NEURON, said) == ["not_understood"]


def decayed(part: str, weight: str = "w") -> str:
    return rf"""
$$z = {weight} x + b, \quad a = \tanh(z), \quad J = {part} + \frac{{\lambda}}{{2}} w^2$$
"""


@pytest.mark.parametrize(
    "part", ["L", "C_0", "E_D", r"\mathcal{L}", r"\text{MSE}", r"\frac1m \sum_{i=1}^m L_i", "2 L"]
)
def test_what_a_cost_leaves_open_has_no_derivative_0(part):
    for wrong in (
        r"\frac{\partial J}{\partial w} = \lambda w",
        r"\frac{\partial J}{\partial b} = 0",
        r"w \leftarrow w - \eta \lambda w",
    ):
        assert verdicts(decayed(part), wrong) == ["not_understood"]
        told = decayed(r"\frac12 (a - y)^2")
        assert verdicts(told, wrong) == ["refuted"]
    right = r"\frac{\partial J}{\partial w} = (a - y) (1 - a^2) x + \lambda w"
    assert verdicts(decayed(r"\frac12 (a - y)^2"), right) == ["proved"]


def test_what_a_cost_of_samples_leaves_open_has_no_derivative_0():
    setting = r"""
$$z^{(i)} = W x^{(i)} + b, \quad \hat y^{(i)} = \sigma(z^{(i)}), \quad J = \frac1m \sum_{i=1}^m L(\hat y^{(i)}, y^{(i)}) + \frac{\lambda}{2 m} \|W\|^2$$
"""  # noqa: E501
    assert verdicts(setting, r"\frac{\partial J}{\partial b} = 0") == ["not_understood"]
    assert verdicts(setting, r"\frac{\partial J}{\partial W} = \frac{\lambda}{m} W") == [
        "not_understood"
    ]


NUMBERS = NEURON + "Let $w = 0.5$, $x = 2$, $b = 0.1$, $y = 1$.\n"
CALCULATED = [
    (r"\frac{\partial C}{\partial b} = (a - y) (1 - a^2) = -0.0717", "-0.0717", "-0.17"),
    (r"\frac{\partial C}{\partial w} = (a - y) (1 - a^2) x = -0.1433", "-0.1433", "0.1433"),
    (r"z = 0.5 \cdot 2 + 0.1 = 1.1", "= 1.1", "= 1.2"),
]


@pytest.mark.parametrize(("right", "number", "other"), CALCULATED)
def test_a_number_behind_a_claim_is_judged(right, number, other):
    def of(setting: str, said: str) -> str:
        return sb.verify(f"{setting}\n$${said}$$\n").equations[-1].verdict

    assert of(NUMBERS, right) in ("proved", "agrees")
    assert of(NUMBERS, right.replace(number, other)) == "refuted"
    if "partial" in right:  # nobody knows without values
        assert of(NEURON, right) == of(NEURON, right.replace(number, other)) == "not_understood"


LAYERS = r"""
$$a^0 = x, \quad z^l = W^l a^{l-1} + b^l, \quad a^l = \sigma(z^l), \quad C = \frac12 \|a^L - y\|^2, \quad \delta^l = \frac{\partial C}{\partial z^l}$$
"""  # noqa: E501


def test_an_error_of_one_layer_is_no_name_of_its_own():
    wrong = r"\delta^1 = W^2 \delta^2 \odot \sigma(z^1)"
    assert not ACCEPTED & set(verdicts(LAYERS, wrong))
    assert verdicts(LAYERS, r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)") == ["proved"]


LIKELIHOOD = r"""
$$p = \frac{1}{1 + e^{-(w x + b)}}, \quad \ell = y \ln p + (1 - y) \ln (1 - p)$$ is the %s.
"""


def test_a_likelihood_is_climbed():
    up, down = r"w \leftarrow w + \eta (y - p) x", r"w \leftarrow w - \eta (y - p) x"
    told = LIKELIHOOD % "log-likelihood"
    assert verdicts(told, up) == ["proved"]
    assert verdicts(told, down) == ["not_understood"]
    assert verdicts(LIKELIHOOD % "cost", down) == ["proved"]
    assert verdicts(LIKELIHOOD % "cost", up) == ["refuted"]


def test_prose_with_vectors_makes_the_capital_before_a_small_letter_a_matrix():
    text = r"""
Let $x$ and $b$ be vectors, $z = W x + b$, $y = f(z)$ and $L = g(y)$ a loss.

$$\frac{\partial L}{\partial x} = CLAIM \frac{\partial L}{\partial z}$$
"""
    assert sb.verify(text.replace("CLAIM", "W^T"), budget=20).equations[-1].verdict == "proved"
    wrong = sb.verify(text.replace("CLAIM", "W"), budget=20).equations[-1].verdict
    assert wrong in ("refuted", "ill_formed")

"""What a text leaves open proves nothing: bare vectors, conditions, costs told in words, what optimisers carry."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

NEURON = (
    r"$$z = w x + b, \quad a = \sigma(z), \quad C = \frac12 (a - y)^2$$ with the sigmoid $\sigma$."
    + "\n\n"
)
SOFTMAX = (
    r"The scores are $z = W x + b$ and the probabilities $p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$."
    + "\n\n"
)
OPEN = r"With $z = w x + b$ and $a = \tanh(z)$ and a loss $L$ of $a$:" + "\n\n"


def last(text: str) -> str:
    return verify(text).equations[-1].verdict


@pytest.mark.parametrize(
    "told",
    ["", r"Let $x \in \mathbb{R}^n$, $W \in \mathbb{R}^{K \times n}$, $b \in \mathbb{R}^K$. "],
)
@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)", "proved"),
        (r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_i)", "refuted"),
    ],
)
def test_the_entries_of_a_bare_vector_differ(told: str, claim: str, verdict: str) -> None:
    assert last(f"{told}{SOFTMAX}$${claim}$$") == verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial L}{\partial z} = (1 - a^2) \frac{\partial L}{\partial a}", "proved"),
        (r"\frac{\partial L}{\partial z} = (1 + a^2) \frac{\partial L}{\partial a}", "refuted"),
        (r"\frac{\partial^2 L}{\partial z^2} = -2 a (1 - a^2) \frac{\partial L}{\partial a}", "not_understood"),
        (r"\frac{\partial^2 L}{\partial a^2} = 0", "not_understood"),
        (r"\frac{\partial^2 a}{\partial z^2} = -2 a (1 - a^2)", "proved"),
        (r"\frac{\partial^2 a}{\partial z^2} = 2 a (1 - a^2)", "refuted"),
    ],
)  # fmt: skip
def test_second_derivatives_of_an_open_cost(claim: str, verdict: str) -> None:
    assert last(f"{OPEN}$${claim}$$") == verdict


@pytest.mark.parametrize(
    "condition",
    ["If $a = 1 - y$ then", "Suppose $a = y + 1$. Then", "If $z = 3 x$ then", "If $a = x$ then"],
)
def test_a_condition_is_no_definition(condition: str) -> None:
    assert last(NEURON + condition + r" $\frac{\partial C}{\partial w} = 0$.") == "not_understood"


def test_entries_of_a_bare_vector_are_not_equal() -> None:
    assert last(SOFTMAX + "$$p_1 = p_2$$") in ("refuted", "not_understood")


def test_another_activation_is_one() -> None:
    text = r"The layer computes $z = W x$ with $W \in \mathbb{R}^{n \times m}$. If $a = \tanh(z)$ elementwise, then"
    assert last(text + r" $\frac{\partial a_i}{\partial z_i} = 1 - a_i^2$.") in ("proved", "agrees")
    wrong = last(text + r" $\frac{\partial a_i}{\partial z_i} = 1 + a_i^2$.")
    assert wrong in ("refuted", "not_understood")


SET = [
    "Setting $\\frac{\\partial C}{\\partial w} = 0$ we solve for $w$.",
    "We set $$\\frac{\\partial C}{\\partial a} = 0$$ and find it.",
]


@pytest.mark.parametrize("words", SET)
def test_to_set_a_derivative_to_zero_claims_nothing(words: str) -> None:
    assert {e.verdict for e in verify(NEURON + words).equations} == {"definition"}


def test_a_derivative_said_to_be_zero_is_a_claim() -> None:
    assert last(NEURON + r"$$\frac{\partial C}{\partial w} = 0$$") == "refuted"


def test_a_cost_that_the_weight_does_not_reach() -> None:
    text = (
        "The neuron computes $z = w x + b$ and its output $a$ is the hyperbolic tangent of $z$. "
        r"The cost is $C = \frac12 (a - y)^2$." + "\n\n"
    )
    assert last(text + r"$$\frac{\partial C}{\partial w} = 0$$") == "not_understood"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\sigma' = \sigma (1 - \sigma)", "proved"),
        (r"\sigma' = \sigma (1 + \sigma)", "refuted"),
    ],
)
def test_a_function_without_its_argument(claim: str, verdict: str) -> None:
    assert last(f"{NEURON}${claim}$") == verdict


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (r"m \leftarrow \beta m + (1 - \beta) \frac{\partial C}{\partial w}", "definition"),
        (r"g \leftarrow \frac{\partial C}{\partial w}, \quad w \leftarrow w - \eta g", "definition"),
        (r"g \leftarrow \frac{\partial C}{\partial w}, \quad w \leftarrow w + \eta g", "refuted"),
        (r"w \leftarrow w - \eta \frac{\partial C}{\partial w}", "proved"),
        (r"w \leftarrow w + \eta \frac{\partial C}{\partial w}", "refuted"),
    ],
)  # fmt: skip
def test_what_an_optimiser_carries(step: str, verdict: str) -> None:
    assert last(f"{NEURON}$${step}$$") == verdict


def test_a_list_of_values_is_no_claim() -> None:
    text = r"$$a^l = \sigma(W^l a^{l-1}), \qquad l = 1, \dots, L$$ with the sigmoid."
    assert {e.verdict for e in verify(text).equations} == {"definition"}


def test_a_step_does_not_hide_that_a_letter_is_an_entry_of_a_matrix() -> None:
    text = r"""
$$z^l = W^l a^{l-1} + b^l, \quad a^l = \sigma(z^l), \quad C = \frac12 \|a^L - y\|^2$$ with the sigmoid.

$$\frac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj} \sigma'(z^l_j)$$

$$W^l \leftarrow W^l - \eta \frac{\partial C}{\partial W^l}$$
"""
    assert [e.verdict for e in verify(text).equations[1:]] == ["proved", "proved"]


RIDGE = r"""
$$\hat y^{(i)} = w^T x^{(i)} + b$$

$$J = \frac{1}{2m} \sum_{i=1}^m (\hat y^{(i)} - y^{(i)})^2 + \frac{\lambda}{2m} \|w\|^2$$

"""


@pytest.mark.parametrize(
    ("decay", "verdict"),
    [
        (r"w (1 - \frac{\eta \lambda}{m})", "proved"),
        (r"w (1 - \eta \lambda)", "refuted"),
        (r"w (1 - \frac{\eta \lambda}{m^2})", "refuted"),
    ],
)
def test_the_number_of_samples_stands_in_both_terms_of_a_step(decay: str, verdict: str) -> None:
    step = (
        rf"w := {decay} - \frac{{\eta}}{{m}} \sum_{{i=1}}^m (\hat y^{{(i)}} - y^{{(i)}}) x^{{(i)}}"
    )
    assert last(f"{RIDGE}$${step}$$") == verdict


@pytest.mark.parametrize("claimed", ["A", "B"])
def test_two_sets_of_examples_are_not_told_apart(claimed: str) -> None:
    text = (
        r"$$E = \frac12 \sum_{n \in A} (w x_n - t_n)^2 + \frac12 \sum_{n \in B} (v x_n - t_n)^2$$"
    )
    claim = rf"$$\frac{{\partial E}}{{\partial w}} = \sum_{{n \in {claimed}}} (w x_n - t_n) x_n$$"
    assert last(f"{text}\n\n{claim}") == "not_understood"


def test_one_set_of_examples_is_all_of_them() -> None:
    text = r"$$E = \frac12 \sum_{n \in A} (w x_n - t_n)^2$$"
    assert (
        last(text + r"$$\frac{\partial E}{\partial w} = \sum_{n \in A} (w x_n - t_n) x_n$$")
        == "proved"
    )


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (r"-\eta ((o - t) x + \lambda w)", "proved"),
        (r"\eta ((o - t) x + \lambda w)", "refuted"),
        (r"-\eta ((o - t) x + \frac{\lambda}{2} w)", "refuted"),
    ],
)
def test_the_weight_of_a_penalty_is_no_learning_rate(change: str, verdict: str) -> None:
    text = r"$$o = w x, \quad E = \frac12 (o - t)^2 + \frac{\lambda}{2} w^2$$"
    assert last(rf"{text} $$\Delta w = {change}$$") == verdict


def test_a_constant_of_an_activation_is_no_stranger_to_it() -> None:
    text = r"""
$$z_j = \sum_k w_{jk} x_k, \quad a_j = \sigma(z_j), \quad J = \frac12 \sum_j (a_j - y_j)^2$$ where
$$\sigma(z) = \begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \le 0 \end{cases}$$

"""
    assert last(text + r"$$\frac{\partial a_1}{\partial \alpha} = 0$$") in (
        "refuted",
        "not_understood",
    )
    assert last(text + r"$$\frac{\partial a_1}{\partial w_{2k}} = 0$$") in (
        "proved",
        "agrees",
        "not_understood",
    )

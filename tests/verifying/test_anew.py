"""Letters that are defined anew, definitions that contradict each other, errors of the last layer."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

ACCEPTED = ("proved", "agrees", "definition")

FIRST = r"""# Regression

$$z = w x + b$$ $$a = \sigma(z)$$ $$C = \frac12 (a-y)^2$$

where $\sigma$ is the sigmoid.

$$\frac{\partial C}{\partial w} = (a-y) a (1-a) x$$
"""
ENTROPY = r"$$C = -y\log a - (1-y)\log(1-a)$$"
OLD = r"$$\frac{\partial C}{\partial w} = (a-y) a (1-a) x$$"
NEW = r"$$\frac{\partial C}{\partial w} = (a-y) x$$"


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in verify(text, budget=20).equations if e.piece.display]


@pytest.mark.parametrize(
    "sign",
    [
        "# Second network",
        "With cross-entropy:",
        "For the cross-entropy cost",
        "Now let",
        "Now we take instead",
        "Let us use the cross-entropy instead:",
    ],
)
def test_a_cost_defined_anew_holds_from_there_on(sign):
    text = f"{FIRST}\n{sign}\n\n{ENTROPY}\n\nso that\n\n{NEW}\n\nbut not\n\n{OLD}\n"
    if not sign.startswith("#"):
        text = text.replace(f"{sign}\n\n", f"{sign}\n")
    assert verdicts(text)[3:] == ["proved", "definition", "proved", "refuted"]


def test_activation_and_prediction():
    text = (
        FIRST
        + r"""
# Another

$$a = \tanh(z)$$ $$C = (a-y)^2$$

$$\frac{\partial C}{\partial b} = 2(a-y)(1-a^2)$$ $$\frac{\partial C}{\partial b} = (a-y)a(1-a)$$
"""
    )
    assert verdicts(text)[4:] == ["definition", "definition", "proved", "refuted"]


def test_a_function_with_a_formula_in_each_section():
    text = r"""# One

$$f(v) = \frac{1}{1+e^{-v}}$$ $$f'(z) = f(z)(1-f(z))$$

# Two

$$f(v) = \tanh(v)$$ $$f'(z) = f(z)(1-f(z))$$ $$f'(z) = 1-f(z)^2$$
"""
    found = verdicts(text)
    assert (found[1], found[3], found[4]) == ("proved", "refuted", "proved")


def test_vectors_are_defined_anew():
    text = r"""# Regression

$$z_j = \sum_k w_{jk} x_k + b_j, \qquad a_j = z_j, \qquad C = \frac12 \sum_j (a_j - y_j)^2$$

# Classification

$$a_i = \frac{e^{z_i}}{\sum_k e^{z_k}}, \qquad C = -\sum_j y_j \log a_j$$

$$\frac{\partial C}{\partial a_j} = - \frac{y_j}{a_j}$$ $$\frac{\partial C}{\partial a_j} = a_j - y_j$$
"""
    assert verdicts(text)[1:] == ["definition", "proved", "refuted"]


def test_without_a_sign_nothing_is_proved_by_one_of_two_definitions():
    text = f"{FIRST}\nThe cost is\n\n{ENTROPY}\n\nIts gradient:\n\n{OLD}\n\n{NEW}\n"
    text += r"$$w \leftarrow w - \eta (a-y) a (1-a) x$$ $$\frac{\partial a}{\partial w} = a(1-a)x$$"
    found = verdicts(text)
    assert found[3:5] == ["proved", "refuted"]
    assert not {"proved", "agrees", "definition"} & set(found[5:8])
    assert found[8] == "proved"  # both definitions leave it alone


def test_what_is_concluded_is_no_new_definition():
    text = f"{FIRST}\n# Properties\n\nThe cost is therefore\n\n$$C = (a-y)^2$$\n"
    assert verdicts(text)[-1] == "refuted"


LAYERS = r"""
$$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j, \qquad a^l_j = \sigma(z^l_j)$$

with $l = 1, \dots, L$ and $a^0 = x$, and the cost

$$C = \frac12 \sum_j (y_j - a^L_j)^2$$

and $\delta^l_j = \frac{\partial C}{\partial z^l_j}$.
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\delta^L_j = (a_j^L - y_j)\sigma'(z^L_j)", "proved"),
        (r"\delta^L_j = (y_j - a_j^L)\sigma'(z^L_j)", "refuted"),
        (r"\delta^L = (a^L - y) \odot \sigma'(z^L)", "proved"),
        (r"\delta^L = (y - a^L) \odot \sigma'(z^L)", "refuted"),
    ],
)
def test_the_error_of_the_last_layer_is_claimed(claim, verdict):
    assert verdicts(f"{LAYERS}\n$${claim}$$\n")[-1] == verdict


def test_the_error_of_the_last_layer_is_claimed_before_the_general_one_too():
    head, _, tail = LAYERS.partition("\nand $")
    text = f"{head}\n\n$$\\delta^L_j = (y_j - a_j^L)\\sigma'(z^L_j)$$\n\nand ${tail}"
    assert verdicts(text)[-1] == "refuted"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"L'(a) = \frac{a-y}{a(1-a)}", "proved"),
        (r"L'(a) = \frac{y-a}{a(1-a)}", "refuted"),
        (r"\frac{\partial L}{\partial a} = L'(a) = \frac{a-y}{a(1-a)}", "proved"),
    ],
)
def test_a_primed_cost_is_its_derivative(claim, verdict):
    text = r"""Let $z = wx+b$, $a = \sigma(z)$ with the sigmoid $\sigma$, and

$$L = -(y\ln a + (1-y) \ln(1-a))$$ $$\frac{\partial L}{\partial b} = a-y$$
"""
    assert verdicts(f"{text}\n$${claim}$$\n")[1:] == ["proved", verdict]

"""Functions with a free slope, steps by name, second derivatives."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

SLOPE = r"""
The logistic function with slope $\beta$ is $$f(z) = \frac{1}{1+e^{-\beta z}}$$

$$z = w x + b, \quad a = f(z), \quad J = \frac{1}{2}(a - y)^2$$ and its derivative $f'(z)$ follows.

"""
LEAKY = r"""
The leaky rectifier is $$f(z) = \begin{cases} z & z > 0 \\ \alpha z & z \le 0 \end{cases}$$

$$z = w x + b, \quad a = f(z), \quad J = \frac{1}{2}(a - y)^2$$ and its derivative $f'(z)$ follows.

"""
RECTIFIER = r"""
$$z_j = \sum_i W_{ji} x_i, \quad a_j = \max(0, z_j), \quad J = \frac{1}{2}\sum_j (a_j - y_j)^2$$

With the Heaviside step function $H$ and $\Theta$, which is the unit step as well:

"""
NEURON = r"""
$$z = w x + b, \quad a = \frac{1}{1 + e^{-z}}, \quad J = \frac{1}{2}(a - y)^2$$

"""


def last(text: str) -> str:
    return verify(text, budget=20).equations[-1].verdict


@pytest.mark.parametrize(
    ("document", "right", "wrong"),
    [
        (SLOPE, r"f'(z) = \beta f(z) (1 - f(z))", r"f'(z) = f(z) (1 - f(z))"),
        (
            SLOPE,
            r"\frac{\partial J}{\partial w} = (a - y) \beta a (1 - a) x",
            r"\frac{\partial J}{\partial w} = (a - y) a (1 - a) x",
        ),
        (
            SLOPE,
            r"\frac{\partial J}{\partial z} = (a - y) f'(z)",
            r"\frac{\partial J}{\partial z} = (a - y) f'(x)",
        ),
        (
            LEAKY,
            r"f'(z) = \begin{cases} 1 & z > 0 \\ \alpha & z \le 0 \end{cases}",
            r"f'(z) = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}",
        ),
        (
            LEAKY,
            r"\frac{\partial J}{\partial w} = (a - y) f'(z) x",
            r"\frac{\partial J}{\partial w} = (a - y) f(z) x",
        ),
        (
            RECTIFIER,
            r"\frac{\partial J}{\partial z_j} = (a_j - y_j) H(z_j)",
            r"\frac{\partial J}{\partial z_j} = (a_j - y_j) (1 - H(z_j))",
        ),
        (
            RECTIFIER,
            r"\frac{\partial a_j}{\partial z_j} = \Theta(z_j)",
            r"\frac{\partial a_j}{\partial z_j} = \Theta(-z_j)",
        ),
        (
            RECTIFIER,
            r"\frac{\partial a_j}{\partial z_j} = \mathrm{step}(z_j)",
            r"\frac{\partial a_j}{\partial z_j} = -\mathrm{step}(z_j)",
        ),
        (
            NEURON,
            r"\frac{\partial^2 a}{\partial z^2} = a (1-a)(1-2a)",
            r"\frac{\partial^2 a}{\partial z^2} = a (1-a)(1+2a)",
        ),
        (
            NEURON,
            r"\frac{\partial^2 J}{\partial w^2} = a^2(1-a)^2 x^2 + (a - y) a(1-a)(1-2a) x^2",
            r"\frac{\partial^2 J}{\partial w^2} = a^2(1-a)^2 x^2",
        ),
        (
            NEURON,
            r"\frac{\partial^2 J}{\partial w \partial b} = a^2(1-a)^2 x + (a - y) a(1-a)(1-2a) x",
            r"\frac{\partial^2 J}{\partial w \partial b} = a^2(1-a)^2 x + (a - y) a(1-a)(1-2a)",
        ),
        (NEURON, r"\frac{d^2 z}{dw^2} = 0", r"\frac{d^2 a}{dw^2} = 0"),
    ],
)
def test_right_and_wrong(document, right, wrong):
    assert last(f"{document}$${right}$$") == "proved"
    assert last(f"{document}$${wrong}$$") in ("refuted", "not_understood")
    if "f'(x)" not in wrong:
        assert last(f"{document}$${wrong}$$") == "refuted"


def test_the_formula_of_the_function_is_its_definition():
    [first, *_] = verify(SLOPE).equations
    assert first.verdict == "definition"


def test_a_derivative_at_a_formula_is_not_read():
    text = SLOPE + r"$$\frac{\partial J}{\partial w} = (a - y) f'(w x + b) x$$"
    assert last(text) == "not_understood"


def test_layers_with_numbers_are_no_orders():
    """A second derivative in a text does not make `w^2` the second layer's w."""
    text = (
        NEURON
        + r"$$\frac{\partial^2 J}{\partial a^2} = 1, \quad \frac{\partial^2 z}{\partial w^2} = 0$$"
    )
    assert last(text + r"$$\frac{\partial J}{\partial w} = (a - y)(a - a^2) x$$") == "proved"


def test_a_function_that_the_text_does_not_explain_refutes_nothing():
    text = RECTIFIER + r"$$\frac{\partial J}{\partial z_j} = (a_j - y_j) \kappa(2 z_j + 1)$$"
    [*_, e] = verify(text, budget=20).equations
    assert e.verdict == "not_understood"
    assert "kappa" in e.reason

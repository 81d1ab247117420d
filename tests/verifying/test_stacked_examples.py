r"""One example `z^{[1](i)}` beside the matrix `Z^{[1]}` of all: right and wrong versions of both."""

import pytest

import symbackprop as sb

NOT_HELD = ("refuted", "ill_formed", "not_understood")


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in sb.verify(text, budget=20).equations]


NETWORK = r"""
$$z^{[1](i)} = W^{[1]} x^{(i)} + b^{[1]}$$
$$a^{[1](i)} = \tanh(z^{[1](i)})$$
$$z^{[2](i)} = W^{[2]} a^{[1](i)} + b^{[2]}$$
$$a^{[2](i)} = \sigma(z^{[2](i)})$$

All the examples at once, with $\sigma(z) = \frac{1}{1 + e^{-z}}$:

$$Z^{[1]} = W^{[1]} X + b^{[1]}$$
$$A^{[1]} = \tanh(Z^{[1]})$$
$$Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$$
$$A^{[2]} = \sigma(Z^{[2]})$$

$$\mathcal{L}^{(i)} = - y^{(i)} \log a^{[2](i)} - (1 - y^{(i)}) \log (1 - a^{[2](i)})$$
$$J = \frac{1}{m} \sum_{i=1}^{m} \mathcal{L}^{(i)}$$

We write $dz^{[l](i)} = \frac{\partial \mathcal{L}^{(i)}}{\partial z^{[l](i)}}$, and $X$, $Y$ for the data.

$$dZ^{[2]} = A^{[2]} - Y$$
$$dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}$$
"""

RIGHT = [
    r"dz^{[2](i)} = a^{[2](i)} - y^{(i)}",
    r"dz^{[1](i)} = W^{[2]T} dz^{[2](i)} * (1 - (a^{[1](i)})^2)",
    r"db^{[1]} = \frac{1}{m} \sum_{i=1}^{m} dz^{[1](i)}",
    r"dW^{[1]} = \frac{1}{m} \sum_{i=1}^{m} dz^{[1](i)} x^{(i)T}",
    r"dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T",
]

WRONG = [
    r"dz^{[2](i)} = y^{(i)} - a^{[2](i)}",
    r"dz^{[1](i)} = W^{[2]T} dz^{[2](i)} * (1 - a^{[1](i)})",
    r"dz^{[1](i)} = W^{[2]T} dz^{[2](i)}",
    r"db^{[1]} = \sum_{i=1}^{m} dz^{[1](i)}",
    r"dW^{[1]} = \sum_{i=1}^{m} dz^{[1](i)} x^{(i)T}",
    r"dW^{[2]} = \frac{1}{m} \sum_{i=1}^{m} dz^{[2](i)} x^{(i)T}",
    r"dW^{[1]} = \frac{1}{m} dZ^{[1]} X",
]


def test_what_is_said_of_each_example_holds_for_the_matrix():
    text = NETWORK + "\n".join(f"$${c}$$\n" for c in RIGHT)
    assert verdicts(text)[-len(RIGHT) :] == ["proved"] * len(RIGHT)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_for_each_example_is_not_accepted(wrong):
    assert verdicts(NETWORK + f"$${wrong}$$")[-1] in NOT_HELD


def test_an_example_that_is_computed_otherwise_than_the_matrix():
    other = NETWORK.replace("W^{[1]} x^{(i)} + b", "W^{[1]} x^{(i)} - b")
    text = other + r"$$dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T$$"
    assert sb.verify(text, budget=20).equations[0].verdict in NOT_HELD


def test_what_is_added_to_every_example_is_left_as_it_is_written():
    """`b + dz^{(i)}` is no sum of matrices: no shapes are blamed for it."""
    claim = r"$$dz^{[2](i)} = a^{[2](i)} - y^{(i)} + b^{[2]} - b^{[2]}$$"
    assert verdicts(NETWORK + claim)[-1] not in ("refuted", "ill_formed")

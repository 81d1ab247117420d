r"""Losses with arguments: `J = \frac1m \sum_i L(a^{[L](i)}, y^{(i)})`, with `L(a, y)` as a formula.

The known answers are those of the course: `dZ^{[L]} = A^{[L]} - Y` and `dW = \frac1m dZ A^T`.
"""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

LOSS = r"""
$$\mathcal{L}(a, y) = -(y \log a + (1-y) \log(1-a))$$
"""
TWO = (
    r"""We write $M^T$ for the transpose of a matrix.
There are $m$ examples, the columns of the matrix $X$; the labels are the row $Y$.
$$Z^{[1]} = W^{[1]} X + b^{[1]}, \quad A^{[1]} = \tanh(Z^{[1]}), $$
$$Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}, \quad A^{[2]} = \sigma(Z^{[2]})$$
with the sigmoid $\sigma$.
"""
    + LOSS
    + r"""
$$J = \frac1m \sum_{i=1}^m \mathcal{L}\bigl(a^{[2](i)}, y^{(i)}\bigr)$$
"""
)
DEEP = (
    r"""We write $M^T$ for the transpose of a matrix.
There are $m$ examples, the columns of the matrix $X$; the labels are the row $Y$.
For $l = 1, \dots, L$
$$A^{[0]} = X, \quad Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}, \quad A^{[l]} = g^{[l]}(Z^{[l]})$$
where $g^{[L]}(z) = \frac{1}{1+e^{-z}}$ in the last layer and $g^{[l]}(z) = \max(0, z)$ in the hidden ones.
"""
    + LOSS
    + r"""
$$J = \frac1m \sum_{i=1}^m \mathcal{L}\bigl(a^{[L](i)}, y^{(i)}\bigr)$$
"""
)
NUMBERS = r"""
$$J = \frac1m \sum_{i=1}^m \ell(\hat y_i, y_i), \quad \ell(p, t) = -(t \log p + (1-t) \log(1-p))$$
with $\hat y_i = \sigma(z_i)$, $z_i = w^T x_i + b$ and the sigmoid $\sigma$.
"""
OF_LETTERS = NUMBERS.replace(
    r"\ell(p, t) = -(t \log p + (1-t) \log(1-p))",
    r"\ell(\hat y, y) = -(y \log \hat y + (1-y) \log(1-\hat y))",
)

CASES = [
    (TWO, r"dZ^{[2]} = A^{[2]} - Y", r"dZ^{[2]} = Y - A^{[2]}"),
    (TWO, r"dW^{[2]} = \frac1m dZ^{[2]} A^{[1]T}", r"dW^{[2]} = \frac2m dZ^{[2]} A^{[1]T}"),
    (
        TWO,
        r"\frac{\partial J}{\partial Z^{[2]}} = \frac1m (A^{[2]} - Y)",
        r"\frac{\partial J}{\partial Z^{[2]}} = A^{[2]} - Y",
    ),
    (
        DEEP,
        r"\frac{\partial J}{\partial Z^{[L]}} = \frac1m (A^{[L]} - Y)",
        r"\frac{\partial J}{\partial Z^{[L]}} = A^{[L]} - Y",
    ),
    (DEEP, r"dW^{[l]} = \frac1m dZ^{[l]} A^{[l-1]T}", r"dW^{[l]} = \frac1m dZ^{[l]} A^{[l]T}"),
    (
        DEEP,
        r"dZ^{[l]} = (W^{[l+1]T} dZ^{[l+1]}) * \mathbf{1}\bigl[Z^{[l]} > 0\bigr]",
        r"dZ^{[l]} = (W^{[l+1]T} dZ^{[l+1]}) * \mathbf{1}\bigl[Z^{[l]} < 0\bigr]",
    ),
    (
        DEEP,
        r"dW^{[l]}_{jk} = \frac1m \sum_{i=1}^m dz^{[l](i)}_j a^{[l-1](i)}_k",
        r"dW^{[l]}_{jk} = \frac1m \sum_{i=1}^m dz^{[l](i)}_k a^{[l-1](i)}_j",
    ),
    (
        DEEP,
        r"db^{[l]} = \frac1m \sum_{i=1}^m dz^{[l](i)}",
        r"db^{[l]} = \frac2m \sum_{i=1}^m dz^{[l](i)}",
    ),
    (
        NUMBERS,
        r"\frac{\partial J}{\partial z_i} = \frac1m (\hat y_i - y_i)",
        r"\frac{\partial J}{\partial z_i} = \hat y_i - y_i",
    ),
    (
        OF_LETTERS,
        r"\frac{\partial J}{\partial z_i} = \frac1m (\hat y_i - y_i)",
        r"\frac{\partial J}{\partial z_i} = \hat y_i - y_i",
    ),
    (
        OF_LETTERS,
        r"\frac{\partial J}{\partial w} = \frac1m \sum_{i=1}^m (\hat y_i - y_i) x_i",
        r"\frac{\partial J}{\partial w} = \sum_{i=1}^m (\hat y_i - y_i) x_i",
    ),
]  # fmt: skip


def verdict(text: str, claim: str) -> str:
    return verify(f"{text}\n$${claim}$$\n", budget=20).equations[-1].verdict


@pytest.mark.parametrize(("text", "right", "wrong"), CASES, ids=[c[1] for c in CASES])
def test_a_loss_is_put_in_where_a_cost_applies_it(text: str, right: str, wrong: str) -> None:
    assert verdict(text, right) in ("proved", "agrees")
    assert verdict(text, wrong) in ("refuted", "ill_formed")


EXPLICIT = r"""We write $M^T$ for the transpose of a matrix.
There are $m$ examples, the columns of the matrix $X$.
For $l = 1, \dots, L$
$$A^{[0]} = X, \quad Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}, \quad A^{[l]} = \tanh(Z^{[l]})$$
but $A^{[L]} = \sigma(Z^{[L]})$ with the sigmoid $\sigma$, and
$$J = -\sum_{i=1}^m \sum_k (Y_{ki} \log A^{[L]}_{ki} + (1-Y_{ki}) \log(1-A^{[L]}_{ki})).$$
"""


def test_the_last_layer_may_have_a_function_of_its_own() -> None:
    of_last = r"\frac{\partial J}{\partial Z^{[L]}} = A^{[L]} - Y"
    assert verdict(EXPLICIT, of_last) == "proved"
    assert verdict(EXPLICIT, of_last + r"^2") in ("refuted", "ill_formed")
    slope = r"\frac{\partial A^{[L]}_{ji}}{\partial Z^{[L]}_{ji}} = 1 - (A^{[L]}_{ji})^2"
    assert verdict(EXPLICIT, slope) == "refuted"  # that of the hidden layers


def test_a_claim_for_another_function_is_not_about_this_network() -> None:
    claim = r"dZ^{[l]} = (W^{[l+1]T} dZ^{[l+1]}) * g^{[l]\prime}(%s) \quad\text{for the smooth choice } g^{[l]}=\tanh"
    assert verdict(DEEP, claim % "A^{[l]}") == "not_understood"
    assert verdict(DEEP, claim % "Z^{[l]}") == "not_understood"


def test_what_a_shorthand_stands_for_is_no_claim() -> None:
    of = r"\mathcal{L}(a^{[L](i)}, y^{(i)})"
    said = r"dz^{[l](i)} := \frac{\partial %s}{\partial z^{[l](i)}}"
    assert verdict(DEEP, said % of) in ("definition", "not_understood")
    assert verdict(DEEP, said % f"2 {of}") not in ("definition", "proved", "agrees")


@pytest.mark.parametrize(
    ("of_unit", "of_weight", "expected"),
    [
        (r"\frac1m (A^{[2]} - Y)", r"dZ^{[2]} A^{[1]T}", ["proved", "proved"]),
        (r"A^{[2]} - Y", r"\frac1m dZ^{[2]} A^{[1]T}", ["proved", "proved"]),
        (r"\frac1m (A^{[2]} - Y)", r"\frac1m dZ^{[2]} A^{[1]T}", ["refuted", "proved"]),
        (r"A^{[2]} - Y", r"dZ^{[2]} A^{[1]T}", ["refuted", "proved"]),
    ],
)
def test_the_mean_divides_once(of_unit: str, of_weight: str, expected: list[str]) -> None:
    text = f"{TWO}\n$$dZ^{{[2]}} = {of_unit}$$\n\n$$dW^{{[2]}} = {of_weight}$$\n"
    assert [e.verdict for e in verify(text, budget=20).equations[-2:]] == expected


OPEN = DEEP.replace(r" and $g^{[l]}(z) = \max(0, z)$ in the hidden ones", "")


@pytest.mark.parametrize("text", [DEEP, OPEN])
def test_in_the_last_layer_any_layer_has_the_function_of_the_last(text: str) -> None:
    slope = r"dZ^{[l]} = dA^{[l]} * g^{[l]\prime}(Z^{[l]})"
    assert verdict(text, slope) == "proved"
    assert verdict(text, slope.replace(r"\prime", "")) == "refuted"
    assert verdict(text, slope.replace("dZ", "2 dZ")) == "refuted"


def test_what_holds_in_all_layers_but_the_last_is_neither_right_nor_wrong() -> None:
    slope = r"\frac{\partial A^{[l]}_{ji}}{\partial Z^{[l]}_{ji}} = 1 - (A^{[l]}_{ji})^2"
    assert verdict(EXPLICIT, slope) == "not_understood"
    assert verdict(EXPLICIT, slope.replace(" - ", " + ")) == "refuted"


ROWS = r"""The rows of $X$ are the $m$ examples $x^{(i)}$, and $M^T$ is the transpose of a matrix. With the
sigmoid $\sigma$ it is $Z = X \theta$, $H = \sigma(Z)$ and

$$J(\theta) = \frac1m \sum_{i=1}^m \ell(h^{(i)}, y^{(i)}), \quad \ell(h, y) = \frac12 (h - y)^2$$

$$%s$$
"""


def test_examples_that_are_rows_are_no_columns() -> None:
    slope = r"(h^{(i)} - y^{(i)}) h^{(i)} (1 - h^{(i)}) x^{(i)}_j"
    of_one = rf"\frac{{\partial J}}{{\partial \theta_j}} = \frac1m \sum_{{i=1}}^m {slope}"
    assert verify(ROWS % of_one, budget=20).equations[-1].verdict not in ("refuted", "ill_formed")

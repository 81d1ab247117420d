r"""What letters stand for where the prose or one equation tells it: columns of ones, rows with names, signs,
diagonal matrices, Kronecker deltas beside errors, gradients without their parameter, entries in brackets.

Each right and wrong: a wrong claim is never accepted, and a right one is never called wrong.
"""

import pytest

import symbackprop as sb

ACCEPTED = ("proved", "agrees", "definition")
WRONG = ("refuted", "ill_formed", "misprint")


def last(text: str, claim: str) -> str:
    return sb.verify(text + f"\n$${claim}$$\n", budget=20).equations[-1].verdict


def check(text: str, claim: str, right: bool) -> None:
    verdict = last(text, claim)
    assert verdict in ACCEPTED if right else verdict in WRONG, verdict


DELTAS = r"""
The input is $x \in \mathbb{R}^n$, the target $t \in \mathbb{R}^m$.

$$a = W x + b$$

$$h = \tanh(a)$$

$$E = \frac{1}{2} \lVert h - t \rVert^2$$

$$\frac{\partial h_i}{\partial a_j} = \delta_{ij} (1 - h_i^2)$$

Let $\delta := \frac{\partial E}{\partial a}$.
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial h_i}{\partial a_j} = \delta_{ij} (1 - h_i^2)", True),
        (r"\frac{\partial h_i}{\partial a_j} = \delta_{ij} (1 - h_i)", False),
        (r"\frac{\partial E}{\partial W} = \delta x^\top", True),
        (r"\frac{\partial E}{\partial x} = W \delta", False),
        (r"\frac{\partial E}{\partial b} = \delta", True),
    ],
)
def test_an_error_delta_beside_a_kronecker_delta(claim: str, right: bool):
    check(DELTAS, claim, right)


SIGNS = r"""
The data are $x_i \in \mathbb{R}^d$ and LABELS, $i = 1, \ldots, n$. We minimise

$$L(w) = \sum_{i=1}^n \log(1 + \exp(-y_i w^T x_i)).$$
"""
SLOPE = r"\frac{\exp(y_i w^T x_i)}{(1 + \exp(y_i w^T x_i))^2}"


@pytest.mark.parametrize(
    ("labels", "claim", "right"),
    [
        (
            r"$y_i \in \{-1, +1\}$",
            r"\nabla L(w) = -\sum_{i=1}^n \frac{y_i x_i}{1 + \exp(y_i w^T x_i)}",
            True,
        ),
        (
            r"$y_i \in \{-1, 1\}$",
            r"\nabla L = -\sum_{i=1}^n \frac{y_i x_i}{1 + \exp(-y_i w^T x_i)}",
            False,
        ),
        (
            r"$y_i \in \{\pm 1\}$",
            rf"\nabla^2 L(w) = \sum_{{i=1}}^n {SLOPE} x_i x_i^T",
            True,
        ),
        (
            r"$y_i \in \{-1, 1\}$",
            rf"\nabla^2 L(w) = \sum_{{i=1}}^n {SLOPE} y_i x_i x_i^T",
            False,
        ),
        (
            r"$y_i \in \mathbb{R}$",
            rf"\nabla^2 L(w) = \sum_{{i=1}}^n {SLOPE} x_i x_i^T",
            False,
        ),
    ],
)
def test_labels_that_are_signs(labels: str, claim: str, right: bool):
    check(SIGNS.replace("LABELS", labels), claim, right)


def test_a_gradient_at_another_place_is_left_open():
    claim = r"\nabla L(v) = -\sum_{i=1}^n \frac{y_i x_i}{1 + \exp(y_i w^T x_i)}"
    assert last(SIGNS.replace("LABELS", r"$y_i \in \{-1, 1\}$"), claim) == "not_understood"


ONES = r"""
Let $X$ be the $n \times d$ matrix of inputs, $t \in \mathbb{R}^n$ the targets, SAID.

$$z = X w + \beta u$$

$$J = \frac{1}{2} \lVert z - t \rVert^2$$

$$S = \mathrm{diag}(z_1 (1 - z_1), \ldots, z_n (1 - z_n))$$
"""


@pytest.mark.parametrize(
    "said",
    [
        "and $u$ the vector of ones",
        "and let $u$ be the column of ones",
        "and the all-ones vector $u$",
    ],
)
@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial J}{\partial \beta} = u^T (z - t)", True),
        (r"\frac{\partial J}{\partial \beta} = u^T z", False),
    ],
)
def test_a_column_of_ones_by_a_letter(said: str, claim: str, right: bool):
    check(ONES.replace("SAID", said), claim, right)


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\nabla^2_{ww} J = X^T X", True),
        (r"\nabla^2_{w \beta} J = X^T u", True),
        (r"\nabla^2_{w \beta} J = X^T z", False),
        (r"X^T S u = X^T (z \odot (1 - z))", True),
        (r"X^T S u = X^T (z \odot z)", False),
    ],
)
def test_second_derivatives_and_a_diagonal_with_dots(claim: str, right: bool):
    check(ONES.replace("SAID", "and $u$ the vector of ones"), claim, right)


ATTENTION = r"""
$$Q = X W_Q$$

$$K = X W_K$$

$$S = Q K^\top$$

$$\mathcal{L} = \frac{1}{2} \|S - T\|_F^2$$

Let $q_i, k_j$ be the rows as vectors.
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"dS = S - T", True),
        (r"dQ = dS K", True),
        (r"dK = dS Q", False),
        (r"dW_Q = X^\top dQ", True),
        (r"S_{ij} = q_i \cdot k_j", True),
        (r"S_{ij} = q_i \cdot q_j", False),
        (r"dq_i = \sum_j dS_{ij} k_j", True),
        (r"dk_j = \sum_i dS_{ij} k_j", False),
        (r"\sum_j dS_{ij} = \sum_j (S_{ij} - T_{ij})", True),
    ],
)
def test_rows_with_names_and_derivatives_of_a_matrix_q(claim: str, right: bool):
    check(ATTENTION, claim, right)


INNER = r"""
Let $a \in \mathbb{R}^n$, $b \in \mathbb{R}^n$ and $W \in \mathbb{R}^{n \times n}$ be given.

$$h = W a$$

$$s = h \cdot b$$

$$L = \frac12 s^2$$
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial L}{\partial s} = h \cdot b", True),
        (r"\frac{\partial L}{\partial s} = h \cdot a", False),
        (r"\frac{\partial L}{\partial h} = s b", True),
        (r"\frac{\partial L}{\partial W} = s \, a b^\top", False),
        (r"\frac{\partial L}{\partial W} = s \, b a^\top", True),
    ],
)
def test_a_dot_between_columns_is_an_inner_product(claim: str, right: bool):
    check(INNER, claim, right)


RECURRENT = r"""
For $t = 1, \dots, T$:

$$\mathbf a_t = \mathbf U \mathbf x_t + \mathbf W \mathbf h_{t-1} + \mathbf b$$

$$\mathbf h_t = \tanh(\mathbf a_t)$$

$$\mathbf D_t = \operatorname{diag}(1 - \mathbf h_t \odot \mathbf h_t)$$
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (
            r"\frac{\partial \mathbf h_{t+1}}{\partial \mathbf h_t} = \mathbf D_{t+1} \mathbf W",
            True,
        ),
        (
            r"\frac{\partial \mathbf h_{t+1}}{\partial \mathbf h_t} = \mathbf W \mathbf D_{t+1}",
            False,
        ),
        (
            r"\Bigl(\frac{\partial \mathbf h_{t+2}}{\partial \mathbf h_t}\Bigr)^\top"
            r" = \mathbf W^\top \mathbf D_{t+1} \mathbf W^\top \mathbf D_{t+2}",
            True,
        ),
        (
            r"\Bigl(\frac{\partial \mathbf h_{t+2}}{\partial \mathbf h_t}\Bigr)^\top"
            r" = \mathbf D_{t+1} \mathbf W^\top \mathbf D_{t+2} \mathbf W^\top",
            False,
        ),
    ],
)
def test_a_diagonal_matrix_keeps_its_place(claim: str, right: bool):
    check(RECURRENT, claim, right)


BRACKETS = r"""
With $M = N - K + 1$

$$y[n] = b + \sum_{k=0}^{K-1} w[k]\, x[n+k], \qquad n = 0, \dots, M-1$$

$$L = \tfrac12 \sum_{n=0}^{M-1} (y[n] - t[n])^2$$

$$g[n] := \frac{\partial L}{\partial y[n]}$$

Further, $\sum_{b=0}^{1} u_{2j+b}$ is a sum of two neighbours.
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"g[n] = y[n] - t[n]", True),
        (r"\frac{\partial L}{\partial w[k]} = \sum_{n=0}^{M-1} g[n]\, x[n+k]", True),
        (r"\frac{\partial L}{\partial w[k]} = \sum_{n=0}^{M-1} g[n]\, x[n]", False),
        (r"\frac{\partial L}{\partial b} = \sum_{n=0}^{M-1} g[n]", True),
        (r"\frac{\partial L}{\partial b} = \sum_{n=0}^{M-1} y[n]", False),
    ],
)
def test_entries_in_square_brackets(claim: str, right: bool):
    check(BRACKETS, claim, right)


LAYERS = r"""
There are $m$ examples, the columns of $X \in \mathbb{R}^{n_0 \times m}$. For $l = 1, \dots, L$

$$A^{[0]} = X$$

$$Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}$$

$$A^{[l]} = \tanh(Z^{[l]})$$

$$J = \frac{1}{2} \|A^{[L]} - Y\|_F^2$$

$$dW^{[l]} = dZ^{[l]} A^{[l-1]\top}$$
"""
DOWN = r"dZ^{[l]} = (W^{[l+1]\top}\, dZ^{[l+1]}) * "


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"dW^{[l]} = dZ^{[l]} A^{[l-1]\top}", True),
        (r"dW^{[l]} = dZ^{[l]} A^{[l]\top}", False),
        (DOWN + r"(1 - A^{[l]} * A^{[l]})", True),
        (DOWN + r"(1 - A^{[l]})", False),
        (DOWN + r"(1 - A^{[l-1]} * A^{[l-1]})", False),
    ],
)
def test_all_examples_of_every_layer(claim: str, right: bool):
    check(LAYERS, claim, right)

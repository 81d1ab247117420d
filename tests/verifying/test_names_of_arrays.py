r"""Which letters are arrays and which scripts are indices, told by how an author uses them.

Layers told apart by letters though weights carry numbers too; `V = X W_V` beside a vocabulary's V;
`(W_{hh})_{ij}`, an entry of `W_{hh}`; shapes said of several arrays at once. Each right and wrong.
"""

import pytest

import symbackprop as sb

ACCEPTED = ("proved", "agrees", "definition")


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in sb.verify(text, budget=20).equations]


BISHOP = r"""
$a_j = \sum_{i=1}^{D} w_{ji}^{(1)} x_i + w_{j0}^{(1)}$, $z_j = \tanh(a_j)$,
$a_k = \sum_{j=1}^{M} w_{kj}^{(2)} z_j + w_{k0}^{(2)}$, $y_k = a_k$ and
$E = \frac{1}{2} \sum_{k=1}^{K} (y_k - t_k)^2$ with $\delta_j \equiv \frac{\partial E}{\partial a_j}$
and $\delta_k \equiv \frac{\partial E}{\partial a_k}$.

"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\delta_j = (1 - z_j^2) \sum_{k=1}^{K} w_{kj}^{(2)} \delta_k", True),
        (r"\delta_j = (1 - z_j) \sum_{k=1}^{K} w_{kj}^{(2)} \delta_k", False),
        (r"\delta_j = (1 - z_j^2) \sum_{k=1}^{K} w_{kj}^{(1)} \delta_k", False),
        (r"\frac{\partial E}{\partial w_{kj}^{(2)}} = \delta_k z_j", True),
        (r"\frac{\partial E}{\partial w_{kj}^{(2)}} = \delta_k a_j", False),
        (r"\frac{\partial E}{\partial w_{k0}^{(2)}} = \delta_k", True),
        (r"\frac{\partial E}{\partial x_i} = \sum_j w_{ji}^{(1)} \delta_j", True),
        (r"\frac{\partial E}{\partial x_i} = \sum_j w_{ij}^{(1)} \delta_j", False),
    ],
)
def test_letters_tell_layers_beside_numbered_weights(claim: str, right: bool):
    assert (verdicts(BISHOP + f"$${claim}$$")[-1] in ACCEPTED) == right


ATTENTION = r"""
With $W_Q, W_K, W_V \in \mathbb{R}^{m \times d}$ and $X \in \mathbb{R}^{n \times m}$ let
$Q = X W_Q$, $K = X W_K$, $V = X W_V$, $S = \frac{1}{\sqrt{d}} Q K^\top$,
$P = \operatorname{softmax}(S)$ in each row, $O = P V$. The loss $\mathcal{L}$ depends on $O$.

$$P_{ij} = \frac{e^{S_{ij}}}{\sum_{k=1}^{n} e^{S_{ik}}}$$

"""
D = r"\frac{\partial \mathcal{L}}{\partial %s}"


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (f"{D % 'V'} = P^\\top {D % 'O'}", True),
        (f"{D % 'V'} = P {D % 'O'}", False),
        (f"{D % 'Q'} = \\frac{{1}}{{\\sqrt{{d}}}} {D % 'S'} K", True),
        (f"{D % 'Q'} = \\frac{{1}}{{\\sqrt{{d}}}} {D % 'S'}^\\top K", False),
        (f"{D % 'W_V'} = X^\\top {D % 'V'}", True),
        (f"{D % 'W_V'} = X^\\top {D % 'K'}", False),
        (f"{D % 'W_K'} = X^\\top {D % 'K'}", True),
    ],
)
def test_a_letter_that_is_transposed_is_no_size(claim: str, right: bool):
    assert (verdicts(ATTENTION + f"$${claim}$$")[-1] in ACCEPTED) == right


RNN = r"""
$a_t = W_{hh} h_{t-1} + W_{xh} x_t + b_h$ and $h_t = \tanh(a_t)$, so with $^\top$ for transposes

"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"(1 - h_{t+1,i}^2) (W_{hh})_{ij}", True),
        (r"(1 - h_{t+1,i}^2) W_{hh,ij}", True),
        (r"(1 - h_{t+1,i}^2) [W_{hh}]_{ij}", True),
        (r"(1 - h_{t+1,i}^2) (W_{hh})_{ji}", False),
        (r"(1 - h_{t+1,i}) (W_{hh})_{ij}", False),
    ],
)
def test_an_entry_of_an_array_with_a_word_for_a_subscript(claim: str, right: bool):
    text = RNN + rf"$$\frac{{\partial h_{{t+1,i}}}}{{\partial h_{{t,j}}}} = {claim}$$"
    assert (verdicts(text)[-1] in ACCEPTED) == right


SOFTMAX = r"""
Let $x_n \in \mathbb{R}^D$ be the rows of $X \in \mathbb{R}^{N \times D}$ and $y_n \in \{0,1\}^C$ the rows
of $Y \in \mathbb{R}^{N \times C}$, so $\sum_{c=1}^{C} y_{nc} = 1$. With $W \in \mathbb{R}^{C \times D}$
$$o_{nc} = \sum_{d=1}^{D} W_{cd} x_{nd}, \qquad
\hat{y}_{nc} = \frac{\exp(o_{nc})}{\sum_{j=1}^{C} \exp(o_{nj})}$$
$$\ell = -\frac{1}{N} \sum_{n=1}^{N} \sum_{c=1}^{C} y_{nc} \log \hat{y}_{nc}$$
$$R = \ell + \frac{\lambda}{2} \sum_{c=1}^{C} \sum_{d=1}^{D} W_{cd}^2$$

"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\nabla_W \ell = \frac{1}{N} (\hat{Y} - Y)^\top X", True),
        (r"\nabla_W \ell = \frac{1}{N} X^\top (\hat{Y} - Y)", False),
        (r"\nabla_W \ell = \frac{1}{N} (Y - \hat{Y})^\top X", False),
        (r"\nabla_X \ell = \frac{1}{N} (\hat{Y} - Y) W", True),
        (r"\nabla_X \ell = \frac{1}{N} (\hat{Y} - Y) W^\top", False),
    ],
)
def test_a_capital_is_the_matrix_of_the_rows(claim: str, right: bool):
    assert (verdicts(SOFTMAX + f"$${claim}$$")[-1] in ACCEPTED) == right


@pytest.mark.parametrize("factor", [r"\lambda", r"2 \lambda"])
def test_a_cost_with_a_sum_of_entries_is_a_number(factor: str):
    claim = (
        r"\frac{\partial R}{\partial W_{cd}} = \frac{\partial \ell}{\partial W_{cd}} + %s W_{cd}"
    )
    matrices = r"$$\nabla_W \ell = \frac{1}{N} (\hat{Y} - Y)^\top X$$"
    right = factor == r"\lambda"
    assert (verdicts(SOFTMAX + matrices + f"$${claim % factor}$$")[-1] in ACCEPTED) == right

"""Documents of networks outside the built-ins: other widths, costs, biases, samples and notations."""

from __future__ import annotations

import re

import pytest
from round_trip import checked, text_of

from symbackprop.api.deriving import derive, network
from symbackprop.verifying.verify import verify

MATRIX = ("matrix",)
INDEX = ("index",)

EVERY_DAY = (
    ("1-1", "chang", None, {"bias": "none", "weight_decay": True}),
    ("2-3-2", "nielsen", None, {"bias": "layer", "weight_decay": True}),
    ("3-2", "default", MATRIX, {"cost": "softmax-ce", "reduction": "mean"}),
)
OTHERS = (
    ("2-1-4", "chang", None, {"weight_decay": True}),
    ("2-3-2-4", "chang", None, {"bias": "layer", "weight_decay": True, "reduction": "sum"}),
    ("2-1-4", "chang", None, {"bias": "none", "weight_decay": True, "samples": 3}),
    ("1-1-1", "csdn", ("neuron",), {"bias": "none", "weight_decay": True}),
    ("3-3-3", "lee", None, {"bias": "layer", "weight_decay": True, "reduction": "sum"}),
    ("2-3-1", "lee", None, {"weight_decay": True}),
    ("2-2-2-2", "nielsen", None, {"bias": "layer", "weight_decay": True}),
    ("3-2", "default", INDEX, {"cost": "softmax-ce", "reduction": "mean"}),
    ("3-2", "nielsen", INDEX, {"cost": "softmax-ce", "reduction": "mean", "weight_decay": True}),
    ("3-2", "ufldl", None, {"cost": "softmax-ce", "reduction": "mean", "weight_decay": True}),
    ("5-2", "ufldl", MATRIX, {"cost": "softmax-ce", "weight_decay": True, "samples": "m"}),
)


def text(size, notation, views, options, format_="md", language="en"):
    told = derive(network(size, **options), notation, views)
    found = text_of(told, format_, language)
    assert found is not None
    return found


def check(row):
    found = checked(text(*row))
    assert found.total
    assert not found.fails, [(e.line, e.verdict, e.reason, e.latex[:90]) for e in found.bad]


@pytest.mark.parametrize("row", EVERY_DAY, ids=lambda r: f"{r[0]}-{r[1]}")
def test_some_networks(row):
    check(row)


@pytest.mark.slow
@pytest.mark.parametrize("row", OTHERS, ids=lambda r: f"{r[0]}-{r[1]}")
def test_other_networks(row):
    check(row)


@pytest.mark.slow
def test_a_planted_error_in_the_decay_is_seen():
    """The sum over the weights that the document lists is the sum over these, and no less."""
    written = text("2-3-2", "nielsen", None, {"bias": "layer", "weight_decay": True})
    right = r"\delta_j^3 a_k^2 + \lambda w_{jk}^3"
    assert right in written
    found = checked(written.replace(right, r"\delta_j^3 a_k^2 - \lambda w_{jk}^3"))
    assert "refuted" in {e.verdict for e in found.bad}


def test_books_without_index_letters_write_the_decay_out():
    """Two inputs are x and y there, and no x_k is ever named."""
    for size, notation in (("2-1-4", "chang"), ("2-2-1", "lee")):
        for options in ({}, {"samples": "m"}):
            written = text(size, notation, None, {"weight_decay": True, **options})
            decay = written[written.index("eight decay") :]
            assert "x_k" not in decay
            assert not re.search(r"\\sum_\{[jk]=1\}", decay)


def test_without_biases_none_is_spoken_of():
    assert "biases" not in text("1-1", "chang", None, {"bias": "none", "weight_decay": True})
    assert "the biases alone" in text("1-1", "chang", None, {"weight_decay": True})


@pytest.mark.parametrize("notation", ["default", "nielsen", "ufldl"])
def test_no_index_is_called_like_the_number_of_samples(notation):
    options = {"cost": "softmax-ce", "reduction": "mean"}
    written = text("3-2", notation, INDEX, options)
    assert r"\frac{1}{m}" in written
    assert not re.search(r"\\sum_(\{m=|m\b)", written)
    assert not re.search(r"_\{?\w?m\}?\^", written)
    alone = text("3-2", notation, INDEX, {"cost": "softmax-ce"})
    assert re.search(r"\\sum_(\{m=|m\b)", alone)  # without samples m is an index like others


# --- what was not understood in such documents, in short -----------------------------------------

LISTED = r"""
$$
\begin{aligned}
z_1 &= w_{11} x_1 + w_{12} x_2 + b_1 \\
z_2 &= w_{21} x_1 + w_{22} x_2 + b_2 \\
z_3 &= w_{31} x_1 + w_{32} x_2 + b_3
\end{aligned}
$$

The cost is

$$ C = \frac{\lambda}{2} \sum_j \sum_k w_{jk}^2 + \frac{1}{2} (z_1^2 + z_2^2 + z_3^2) $$

so that

$$ \frac{\partial C}{\partial w_{32}} = z_3 x_2 + %s w_{32} $$
"""


@pytest.mark.parametrize(
    ("factor", "verdict"), [(r"\lambda", "proved"), (r"2 \lambda", "refuted"), ("0", "refuted")]
)
def test_a_sum_without_bounds_runs_over_the_entries_that_are_listed(factor, verdict):
    assert [e.verdict for e in verify(LISTED % factor).equations][-1] == verdict


LOGS = r"""
$$ J = \frac{1}{4} \sum_{n=1}^{4} \left( -\sum_{j=1}^{3} y_{n,j} \log p_{n,j} \right) = %s $$

$$ \max(0, p_{n,j}) = p_{n,j} $$
"""


def test_the_logarithm_of_many_entries_has_values_to_compare():
    same = r"-\frac{1}{4} \sum_{j=1}^{3} \sum_{n=1}^{4} y_{n,j} \log p_{n,j}"
    right = verify(LOGS % same).equations
    wrong = verify(LOGS % same.replace("-", "", 1)).equations
    assert right[0].verdict == "proved"
    assert wrong[0].verdict == "refuted"


def test_what_a_logarithm_needs_holds_in_its_own_statement_only():
    """`log p` says that p is positive there; that max(0, p) = p is as wrong as it was."""
    same = r"-\frac{1}{4} \sum_{j=1}^{3} \sum_{n=1}^{4} y_{n,j} \log p_{n,j}"
    assert verify(LOGS % same).equations[1].verdict != "proved"


VECTORS = r"""
$$ z = W x, \qquad a = \frac{e^{z}}{\mathbf{1}^T e^{z}}, \qquad J = -y^T \log a $$

Here $x \in \mathbb{R}^{3}$, $W \in \mathbb{R}^{2 \times 3}$, $z \in \mathbb{R}^{2}$, $a \in \mathbb{R}^{2}$ and
$y \in \mathbb{R}^{2}$, and the entries of $y$ sum to 1: $\sum_i y_i = 1$. Then

$$ \nabla_z J = %s $$

With many samples, the cost of sample $n$ is

$$ J_n = -\sum_{j=1}^{2} y_{n,j} \log a_{n,j} $$
"""


@pytest.mark.parametrize(("value", "verdict"), [("a - y", "proved"), ("y - a", "refuted")])
def test_a_vector_stays_one_where_its_entries_at_a_sample_are_written(value, verdict):
    found = [e for e in verify(VECTORS % value).equations if "nabla" in e.latex]
    assert [e.verdict for e in found] == [verdict]


# --- functions with constants ----------------------------------------------------------------------

FUNCTIONS = tuple(
    (size, notation, views, {"activation": activation, "output_activation": "identity", **more})
    for activation in ("leaky-relu", "elu", "gelu-tanh")
    for size, notation, views, more in (
        ("2-2-2", "nielsen", None, {"cost": "half-sse"}),
        ("2-3-1", "default", INDEX, {"cost": "mse", "weight_decay": True}),
        ("2-3-1", "csdn", MATRIX, {"cost": "mse"}),
        ("2-2-1", "chang", None, {"cost": "mse", "reduction": "mean"}),
    )
)


@pytest.mark.slow
@pytest.mark.parametrize("row", FUNCTIONS, ids=lambda r: f"{r[3]['activation']}-{r[1]}")
def test_activations_with_constants(row):
    check(row)


SLOPE = r"""
$$ a_1 = \sigma(z_1) = \begin{cases} z_1 & z_1 > 0 \\ \alpha z_1 & \text{otherwise} \end{cases} $$

$$ \frac{\partial a_1}{\partial z_1} = \begin{cases} 1 & z_1 > 0 \\ %s & \text{otherwise} \end{cases} $$
"""


@pytest.mark.parametrize(("slope", "verdict"), [(r"\alpha", "proved"), (r"\alpha^2", "refuted")])
def test_a_slope_that_is_a_letter(slope, verdict):
    assert [e.verdict for e in verify(SLOPE % slope).equations][-1] == verdict


CIRCLE = r"""
$$ a = \sqrt{\frac{2}{\pi}} \left( z + z^3 \right) $$

$$ \frac{\partial a}{\partial z} = %s \left( 1 + 3 z^2 \right) $$
"""


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [(r"\frac{\sqrt{2}}{\sqrt{\pi}}", "proved"), (r"\sqrt{2 \pi}", "refuted")],
)
def test_the_number_pi(factor, verdict):
    assert [e.verdict for e in verify(CIRCLE % factor).equations][-1] == verdict


SHARE = r"""
$$ L = \pi x_1 + (1 - \pi) x_2 $$

$$ \frac{\partial L}{\partial \pi} = x_1 - x_2 $$
"""


def test_pi_may_be_a_quantity():
    assert [e.verdict for e in verify(SHARE).equations][-1] == "proved"

r"""Names with a gate above (`a^z_t`), times at the end of a product, `z_0 = 1`, the error of one pattern."""

from __future__ import annotations

import pytest

from symbackprop.api import derive
from symbackprop.verifying.verify import verify

GATED = r"""For $t = 1, \dots, T$ with $h_0 = 0$, matrices $W$, $U$ and vectors $b$, $h_t$, $x_t$:

$$a^z_t = W_z x_t + U_z h_{t-1} + b_z, \quad a^c_t = W_c x_t + U_c h_{t-1} + b_c$$

$$z_t = \sigma(a^z_t), \quad c_t = \tanh(a^c_t), \quad h_t = (1 - z_t) \odot h_{t-1} + z_t \odot c_t$$

$$L = \frac{1}{2} \sum_{t=1}^{T} \| h_t - y_t \|^2$$

where $\sigma$ is the logistic function, and $dv$ is $\partial L / \partial v$.

$$dz_t = dh_t \odot (c_t - h_{t-1}), \quad %s$$
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"da^z_t = dz_t \odot z_t \odot (1 - z_t)", True),
        (r"da^{\text{z}}_t = dz_t \odot z_t \odot (1 - z_t)", True),
        (r"da^z_t = dz_t \odot (1 - z_t)", False),
        (r"dW_z = \sum_{t=1}^{T} da^z_t \, x_t^\top", True),
        (r"dW_z = \sum_{t=1}^{T} da^c_t \, x_t^\top", False),
        (r"dU_z = \sum_{t=1}^{T} da^z_t \, h_t^\top", False),
    ],
)
def test_the_name_of_a_gate_stands_above(claim: str, right: bool):
    found = verify(GATED % claim, budget=20).equations[-1]
    members = {m.verdict for m in found.members}
    assert ("refuted" not in members and found.verdict == "proved") == right, found.reason
    assert right or found.verdict == "refuted"


LONG_RANGE = r"""For $t = 1, \dots, T$, with $h_t \in \mathbb{R}^n$ and matrices $W$, $V$:

$$a_t = U x_t + W h_{t-1} + b, \quad h_t = \tanh(a_t), \quad o_t = V h_t + c$$

$$L = \frac{1}{2} \sum_{t=1}^{T} \| o_t - y_t \|^2$$

$$%s$$

For $s < t$: $$\frac{\partial h_t}{\partial h_s} = \prod_{r=s+1}^{t} \mathrm{diag}(1 - h_r^2) W$$
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial L}{\partial V} = \sum_{t=1}^{T} (o_t - y_t) h_t^\top", "proved"),
        (r"\frac{\partial L}{\partial V} = \sum_{t=1}^{T} (o_t - y_t) h_{t-1}^\top", "refuted"),
    ],
)
def test_a_time_at_the_end_of_a_product_is_no_size(claim: str, verdict: str):
    assert verify(LONG_RANGE % claim, budget=20).equations[3].verdict == verdict


BISHOP = r"""We fix $x_0 = 1$ and $z_0 = 1$.

$$a_j = \sum_{i=0}^{D} w_{ji} x_i$$

and for $j = 1, \dots, M$ $$z_j = \tanh(a_j)$$ $$y_k = \sum_{j=0}^{M} v_{kj} z_j$$

For a single pattern $$E_n = \frac{1}{2} \sum_{k=1}^{K} (y_k - t_k)^2$$

and $E = \sum_{n=1}^{N} E_n$. We drop the index $n$ on the variables.

$$\delta_k \equiv \frac{\partial E_n}{\partial y_k}, \quad \delta_j \equiv \frac{\partial E_n}{\partial a_j}$$

$$%s$$
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\delta_j = (1 - z_j^2) \sum_{k=1}^{K} v_{kj} \delta_k", True),
        (r"\delta_j = (1 - z_j) \sum_{k=1}^{K} v_{kj} \delta_k", False),
        (r"\frac{\partial E_n}{\partial w_{ji}} = \delta_j x_i", True),
        (r"\frac{\partial E_n}{\partial w_{ji}} = \delta_j z_j", False),
        (r"\frac{\partial y_k}{\partial x_i} = \sum_{j=1}^{M} v_{kj} (1 - z_j^2) w_{ji}", True),
        (r"\frac{\partial y_k}{\partial x_i} = \sum_{j=2}^{M} v_{kj} (1 - z_j^2) w_{ji}", False),
    ],
)
def test_a_bias_unit_and_the_error_of_one_pattern(claim: str, right: bool):
    found = verify(BISHOP % claim, budget=20).equations[-1]
    assert (found.verdict in ("proved", "agrees")) == right, (found.verdict, found.reason)
    assert right or found.verdict in ("refuted", "ill_formed")


def test_patterns_that_other_symbols_count_are_indices():
    text = r"""$$E_n = \frac{1}{2} \sum_{k=1}^{K} (y_k - t_k)^2, \quad E = \sum_{n=1}^{N} E_n$$

$$y_k = \sum_j w_{kj} x_j$$

$$\frac{\partial E}{\partial w_{kj}} = \sum_{n=1}^{N} (y_{nk} - t_{nk}) x_{nj}$$"""
    assert verify(text).equations[-1].verdict not in ("proved", "agrees", "definition")


@pytest.mark.slow
def test_a_t_that_counts_entries_makes_no_vector_of_them():
    """The t of `Σ_t x_t [j = t]` is no time: x_1 is a number, and stands behind a bracket like one."""
    text = derive("residual", "ufldl").text("md")
    assert "[j = t]" in text
    assert {e.verdict for e in verify(text, budget=20).equations} <= {"proved", "definition"}

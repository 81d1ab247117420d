"""Batches as matrices: ones, rows of a batch, means without ends, targets called T or t, sums of vectors."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

ONES = r"""$Z = W X + b \mathbf{1}^T$, $A = \sigma(Z)$ with the logistic function $\sigma$, and
$$J = -\frac1m \sum_{i=1}^m \sum_k [Y_{ki} \log A_{ki} + (1 - Y_{ki}) \log(1 - A_{ki})].$$

$$%s$$
"""
ROWS = r"""A batch in rows: $Z = X W + b$, $A = \sigma(Z)$ with the sigmoid $\sigma$,
$J = \frac{1}{2m} \sum_{i=1}^m \|A_i - Y_i\|^2$.

$$%s$$
"""
MEANS = r"""$\mu = \frac1n \sum_i x_i$, $v = \frac1n \sum_i (x_i - \mu)^2$,
$\hat x_i = \frac{x_i - \mu}{\sqrt{v + \epsilon}}$,
$y_i = \gamma_i \hat x_i + \beta_i$ and some loss $L$ of the $y_i$.

$$%s$$
"""
TARGETS = r"""$Z = X W$, $H = \sigma(Z)$ with the sigmoid $\sigma$, $O = H V$, $C = \frac12 \|O - T\|^2$.

$$%s$$
"""
LEFT = r"""The network is $z = x W + b$, $h = \tanh(z)$, $o = h V + c$, $C = \frac12 \|o - t\|^2$.

$$%s$$
"""
ATTENTION = r"""$s_i = q^T k_i$, $\alpha_i = \frac{e^{s_i}}{\sum_j e^{s_j}}$, $o = \sum_i \alpha_i v_i$,
$L = \frac12 \|o - y\|^2$.

$$%s$$
"""

CASES = [
    (ONES, r"\frac{\partial J}{\partial b} = \frac1m (A - Y) \mathbf{1}", True),
    (ONES, r"\frac{\partial J}{\partial b} = \frac{\partial J}{\partial Z} \mathbf{1}", True),
    (ONES, r"\frac{\partial J}{\partial b} = (A - Y) \mathbf{1}", False),
    (ONES, r"\frac{\partial J}{\partial b} = \frac1m \mathbf{1}^T (A - Y)", False),
    (ROWS, r"\frac{\partial J}{\partial W} = \frac1m X^T ((A - Y) \odot A \odot (1 - A))", True),
    (ROWS, r"\frac{\partial J}{\partial W} = X^T ((A - Y) \odot A \odot (1 - A))", False),
    (ROWS, r"\frac{\partial J}{\partial W} = \frac1m X^T ((A - Y) \odot (1 - A))", False),
    (MEANS, r"\frac{\partial \mu}{\partial x_i} = \frac1n", True),
    (MEANS, r"\frac{\partial v}{\partial x_i} = \frac2n (x_i - \mu)", True),
    (MEANS, r"\frac{\partial v}{\partial x_i} = \frac1n (x_i - \mu)", False),
    (MEANS, r"\frac{\partial v}{\partial x_i} = 2 (x_i - \mu)", False),
    (MEANS, r"\frac{\partial L}{\partial \gamma_i} = \frac{\partial L}{\partial y_i} \hat x_i", True),
    (MEANS, r"\frac{\partial L}{\partial \gamma_i} = \frac{\partial L}{\partial y_i} x_i", False),
    (TARGETS, r"\frac{\partial C}{\partial V} = H^T (O - T)", True),
    (TARGETS, r"\frac{\partial C}{\partial V} = H^T (T - O)", False),
    (TARGETS, r"\frac{\partial C}{\partial H} = (O - T) V", False),
    (LEFT, r"\frac{\partial C}{\partial W} = x^T ((o - t) V^T \odot (1 - h \odot h))", True),
    (LEFT, r"\frac{\partial C}{\partial W} = x^T ((o - t) V^T \odot (1 + h \odot h))", False),
    (LEFT, r"\frac{\partial C}{\partial h} = (o - t) V^T", True),
    (LEFT, r"\frac{\partial C}{\partial h} = (o - t) V", False),
    (ATTENTION, r"\frac{\partial L}{\partial \alpha_i} = v_i^T (o - y)", True),
    (ATTENTION, r"\frac{\partial L}{\partial \alpha_i} = v_i (o - y)", False),
    (ATTENTION, r"\frac{\partial L}{\partial v_i} = \alpha_i (o - y)", True),
    (ATTENTION, r"\frac{\partial L}{\partial s_i} = \alpha_i (v_i - o)^T (o - y)", True),
    (ATTENTION, r"\frac{\partial L}{\partial s_i} = \alpha_i v_i^T (o - y)", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "claim", "right"), CASES, ids=[c[1] for c in CASES])
def test_claims_of_a_batch(text: str, claim: str, right: bool) -> None:
    verdict = verify(text % claim).equations[-1].verdict
    assert verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))

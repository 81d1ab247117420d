r"""Layers as subscripts, `a_l = σ(W_l a_{l-1} + b_l)`: read as layers, and written so in repairs."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

NET = r"""The layers compute $%(z)s_l = W_l %(a)s_{l-1} + b_l$ and $%(a)s_l = \sigma(%(z)s_l)$ with
$%(a)s_0 = x$. The cost is $E = \frac12 \| %(a)s_L - y \|^2$. Let $\delta_l = \frac{\partial E}{\partial %(z)s_l}$.

$$%(claim)s$$
"""

CLAIMS = [
    (r"\delta_L = (A_L - y) \odot \sigma'(Z_L)", r"\delta_L = (y - A_L) \odot \sigma'(Z_L)"),
    (
        r"\delta_l = W_{l+1}^T \delta_{l+1} \odot \sigma'(Z_l)",
        r"\delta_l = W_{l+1} \delta_{l+1} \odot \sigma'(Z_l)",
    ),
    (
        r"\delta_{l-1} = (W_l^T \delta_l) \odot \sigma'(Z_{l-1})",
        r"\delta_{l-1} = (W_l^T \delta_l) \odot \sigma'(Z_l)",
    ),
    (
        r"\frac{\partial E}{\partial W_l} = \delta_l A_{l-1}^T",
        r"\frac{\partial E}{\partial W_l} = \delta_l A_l^T",
    ),
    (
        r"\frac{\partial E}{\partial b_l} = \delta_l",
        r"\frac{\partial E}{\partial b_l} = \delta_{l-1}",
    ),
    (
        r"W_l \leftarrow W_l - \eta \delta_l A_{l-1}^T",
        r"W_l \leftarrow W_l + \eta \delta_l A_{l-1}^T",
    ),
]


def last(claim: str, z: str, a: str):
    claim = claim.replace("Z", z).replace("A", a)
    return verify(NET % {"z": z, "a": a, "claim": claim}, budget=20).equations[-1]


@pytest.mark.parametrize(("z", "a"), [("z", "a"), ("u", "h")])
@pytest.mark.parametrize(("right", "wrong"), CLAIMS)
def test_a_subscript_can_be_a_layer(right, wrong, z, a):
    assert last(right, z, a).verdict == "proved"
    assert last(wrong, z, a).verdict in ("refuted", "ill_formed")


def test_repairs_are_written_with_layers_below():
    found = last(r"\frac{\partial E}{\partial W_l} = \delta_l A_l^T", "z", "a")
    assert found.repair == r"\delta_l a_{l-1}^T"


def test_every_equation_before_the_claim_is_a_definition():
    report = verify(NET % {"z": "z", "a": "a", "claim": r"\delta_L = (a_L - y) \odot \sigma'(z_L)"})
    assert {e.verdict for e in report.equations[:-1]} == {"definition"}


def test_a_subscript_that_counts_entries_is_no_layer():
    text = r"""$z_k = \sum_{l=1}^n W_{kl} x_l + b_k$ and $a_k = \sigma(z_k)$ with the cost

$$E = \frac12 \sum_k (a_k - y_k)^2 + \frac12 \sum_{l=1}^{n-1} (x_{l+1} - x_l)^2$$

$$\frac{\partial E}{\partial W_{kl}} = (a_k - y_k) \sigma'(z_k) x_l$$"""
    assert verify(text, budget=20).equations[-1].verdict in ("proved", "agrees")

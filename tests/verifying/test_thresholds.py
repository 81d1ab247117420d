r"""Functions with a threshold, `|r| ≤ κ`: claims about them hold for any number r, and κ is positive."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

HUBER = r"""The residuals are $r_i = w^\top x_i - y_i$, the cost is $J = \frac1n \sum_{i=1}^n H(r_i)$ with

$$H(r) = \begin{cases} \frac12 r^2 & |r| \le \kappa \\ \kappa (|r| - \frac12 \kappa) & |r| > \kappa \end{cases}$$

$$H'(r) = \begin{cases} r & |r| \le \kappa \\ \kappa \, \mathrm{sign}(r) & |r| > \kappa \end{cases}$$

$$\frac{\partial J}{\partial r_i} = \frac1n H'(r_i)$$

$$%s$$
"""

CLAIMS = [
    (r"H'(r) = \max(-\kappa, \min(\kappa, r))", r"H'(r) = \max(\kappa, \min(-\kappa, r))"),
    (
        r"\nabla_w J = \frac1n \sum_{i=1}^n H'(r_i) x_i",
        r"\nabla_w J = \frac1n \sum_{i=1}^n H(r_i) x_i",
    ),
]


def verdicts(claim: str) -> list[str]:
    return [e.verdict for e in verify(HUBER % claim, budget=20).equations]


@pytest.mark.parametrize(("right", "wrong"), CLAIMS)
def test_a_clipped_residual(right, wrong):
    assert verdicts(right)[:5] == ["definition"] * 3 + ["proved"] * 2
    assert verdicts(right)[-1] in ("proved", "agrees")
    assert verdicts(wrong)[-1] == "refuted"


def test_a_repair_is_written_with_the_letter_of_the_text():
    wrong = verify(HUBER % r"H'(r) = \max(\kappa, \min(\kappa, r))", budget=20).equations[-1]
    assert wrong.repair == r"\max(-\kappa, \min(\kappa, r))"


SLOPE = r"""%s the cost is $$J = |\alpha w - y|$$

$$\frac{\partial J}{\partial w} = \alpha \, \mathrm{sign}(\alpha w - y)$$

$$\sqrt{\alpha^2 w^2} = |w| \alpha$$"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [(r"With a slope $\alpha > 0$", True), ("With a slope", False), (r"If $\alpha > 0$", False)],
)
def test_the_sign_of_a_constant_is_said(said, verdict):
    last = verify(SLOPE % said, budget=20).equations[-1]
    assert (last.verdict in ("proved", "agrees")) == verdict

"""One output for each example where the examples are rows: `A_i` is an entry of a matrix with one column."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

NET = r"""One example per row, and one output unit, so $Z_2$ is a column of length $m$.

$Z^{[1]} = X W^{[1]} + b^{[1]}$, $A^{[1]} = \tanh(Z^{[1]})$, $Z^{[2]} = A^{[1]} W^{[2]} + b^{[2]}$,
$A^{[2]} = \sigma(Z^{[2]})$ with the sigmoid; the biases are row vectors, added to every row.

$$J = -\frac1m \sum_{i=1}^m ( Y_i \log A^{[2]}_i + (1 - Y_i) \log (1 - A^{[2]}_i) )$$

$dZ^{[2]} = \frac{\partial J}{\partial Z^{[2]}}$ and $dZ^{[1]} = \frac{\partial J}{\partial Z^{[1]}}$.

"""
LINEAR = r"""The $m$ examples are the rows of $X$: $P = X W + b$ and the cost is

$$J = \frac{1}{2m} \sum_{i=1}^m (P_i - Y_i)^2$$

and with the penalty $R = J + \frac{\lambda}{2m} \sum_j W_j^2$.

"""

AT = r"\frac{\partial J}{\partial A^{[2]}_i} = "
NET_CLAIMS = [
    (AT + r"\frac1m ( \frac{1 - Y_i}{1 - A^{[2]}_i} - \frac{Y_i}{A^{[2]}_i} )", True),
    (AT + r"\frac1m ( \frac{Y_i}{A^{[2]}_i} - \frac{1 - Y_i}{1 - A^{[2]}_i} )", False),
    (r"dZ^{[2]} = \frac1m (A^{[2]} - Y)", True),
    (r"dZ^{[2]} = A^{[2]} - Y", False),
    (r"\frac{\partial J}{\partial W^{[2]}} = (A^{[1]})^T dZ^{[2]}", True),
    (r"\frac{\partial J}{\partial W^{[2]}} = A^{[1]} dZ^{[2]}", False),
    (r"\frac{\partial J}{\partial b^{[2]}} = \frac1m \sum_{i=1}^m (A^{[2]}_i - Y_i)", True),
    (r"\frac{\partial J}{\partial b^{[2]}} = \sum_{i=1}^m (A^{[2]}_i - Y_i)", False),
    (r"\frac{\partial J}{\partial A^{[1]}} = dZ^{[2]} (W^{[2]})^T", True),
    (r"\frac{\partial J}{\partial A^{[1]}} = dZ^{[2]} W^{[2]}", False),
    (r"dZ^{[1]}_{ij} = \frac1m (A^{[2]}_i - Y_i) W^{[2]}_j (1 - (A^{[1]}_{ij})^2)", True),
    (r"dZ^{[1]}_{ij} = \frac1m (A^{[2]}_i - Y_i) W^{[2]}_j (1 - A^{[1]}_{ij})", False),
    (r"\frac{\partial J}{\partial b^{[1]}_j} = \sum_{i=1}^m dZ^{[1]}_{ij}", True),
    (r"\frac{\partial J}{\partial b^{[1]}_j} = \frac1m \sum_{i=1}^m dZ^{[1]}_{ij}", False),
]  # fmt: skip
LINEAR_CLAIMS = [
    (r"\frac{\partial J}{\partial W} = \frac1m X^T (P - Y)", True),
    (r"\frac{\partial J}{\partial W} = \frac1m X (P - Y)", False),
    (r"\frac{\partial J}{\partial P_i} = \frac1m (P_i - Y_i)", True),
    (r"\frac{\partial J}{\partial P_i} = P_i - Y_i", False),
    (r"\frac{\partial J}{\partial b} = \frac1m \sum_{i=1}^m (P_i - Y_i)", True),
    (r"\frac{\partial J}{\partial b} = \frac1m \sum_{i=1}^m (Y_i - P_i)", False),
    (r"\frac{\partial J}{\partial W_j} = \frac1m \sum_{i=1}^m (P_i - Y_i) X_{ij}", True),
    (r"\frac{\partial J}{\partial W_j} = \frac1m \sum_{i=1}^m (P_i - Y_i) X_{ji}", False),
    (r"\frac{\partial R}{\partial W} = \frac1m X^T (P - Y) + \frac{\lambda}{m} W", True),
    (r"\frac{\partial R}{\partial W} = \frac1m X^T (P - Y) + \frac{\lambda}{2m} W", False),
]


@pytest.mark.parametrize(
    ("text", "claims"), [(NET, NET_CLAIMS), (LINEAR, LINEAR_CLAIMS)], ids=["net", "linear"]
)
def test_claims(text: str, claims: list[tuple[str, bool]]) -> None:
    found = verify(text + "\n\n".join(f"$${c}$$" for c, _ in claims)).equations[-len(claims) :]
    for equation, (claim, right) in zip(found, claims, strict=True):
        wanted = ("proved", "agrees") if right else ("refuted", "ill_formed")
        assert equation.verdict in wanted, (claim, equation.verdict, equation.reason)


@pytest.mark.parametrize("number", range(len(LINEAR_CLAIMS)))
def test_one_claim_alone(number: int) -> None:
    claim, right = LINEAR_CLAIMS[number]
    verdict = verify(f"{LINEAR}$${claim}$$").equations[-1].verdict
    assert verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))

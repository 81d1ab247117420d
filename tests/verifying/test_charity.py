"""Letters that stand for several quantities, costs without a left side, claims right for another cost."""

from __future__ import annotations

from symbackprop.verifying.verify import verify

NETWORK = r"""
$$z = x_1 w_1 + x_2 w_2 + b, \quad a = \sigma(z), \quad C = \frac{1}{2}(a - t)^2$$ (sigmoid)

"""


def last(text: str) -> tuple[str, str]:
    e = verify(NETWORK + text).equations[-1]
    return e.verdict, e.code


def test_a_claim_about_any_weight() -> None:
    rule = r"\frac{\partial z}{\partial w} \frac{\partial C}{\partial z}"
    assert last(rf"$$\frac{{\partial C}}{{\partial w}} = {rule}$$") == ("proved", "")
    assert last(rf"$$\frac{{\partial C}}{{\partial w}} = -{rule}$$")[0] == "refuted"
    # True of w_1 only: nobody can tell what is meant.
    assert last(r"$$\frac{\partial z}{\partial w} = x_1$$")[0] == "not_understood"
    assert last(r"$$\frac{\partial z}{\partial q} = x_1$$")[0] == "not_understood"


def test_a_cost_without_a_left_side() -> None:
    cost = r"\sum_n -[t^n \ln a^n + (1 - t^n) \ln(1 - a^n)]"
    assert last(f"The loss:\n$$\\rightarrow {cost}$$") == ("misprint", "M217")
    assert verify(f"The loss:\n$${cost}$$").equations == ()
    assert verify(f"$$\\rightarrow {cost}$$").equations == ()


def test_right_for_another_cost() -> None:
    entropy = r"""
$$a = \sigma(z)$$ with the sigmoid, $$C = -t \ln a - (1 - t) \ln(1 - a) + \frac{\lambda}{2} z^2$$

$$\frac{\partial C}{\partial a} = a - t$$
"""
    [*_, claim] = verify(entropy).equations
    assert (claim.verdict, claim.code) == ("refuted", "R110")
    assert claim.diagnosis == "right for half squared error"
    squares = r"""
$$z_j = \sum_k W_{jk} x_k, \quad a_j = \sigma(z_j)$$ with the sigmoid, $$J = \frac{1}{2} \sum_j (a_j - y_j)^2$$

$$\frac{\partial J}{\partial W_{jk}} = (a_j - y_j) x_k$$

$$\frac{\partial J}{\partial W_{jk}} = (a_j - y_j) + x_k$$
"""
    [*_, right, wrong] = verify(squares).equations
    assert right.diagnosis == "right for binary cross entropy"
    assert right.repair == "(a_j - y_j) x_k a_j (1 - a_j)"
    assert wrong.code != "R110"


def test_the_derivative_by_the_output_is_not_that_by_the_input() -> None:
    text = r"""
$$z_1 = w x$$ and $$y_1 = \sigma(z_1)$$ with the sigmoid; the loss of a sample is

$$C = -t_1 \ln y_1 - (1 - t_1) \ln(1 - y_1)$$

$$\frac{\partial C}{\partial y_1} = \sum_n -(t^n - y^n)$$
"""
    claim = verify(text).equations[-1]
    assert claim.verdict == "refuted"
    assert claim.repair == r"\frac{-(t_1 - y_1)}{y_1 (1 - y_1)}"

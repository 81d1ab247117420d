"""What is wrong by the document's own definitions stays wrong, whatever its neighbours are."""

from __future__ import annotations

from symbackprop.verifying.verify import verify

LAYER = r"""
$$z_j = \sum_i w_{ji} x_i + b_j, \quad a_j = \sigma(z_j)$$ (sigmoid) $$E = \frac{1}{2}\sum_j (a_j - y_j)^2$$

"""
WRONG = [
    r"w_{ji} \leftarrow w_{ji} - \eta \left( a_j + 3 y_j^2 + \sin(x_i) \right)",
    r"\frac{\partial E}{\partial b_j} = \cos(a_j) y_j^3 + x_j",
    r"b_j \leftarrow b_j - \eta (y_j^5 + 7) \exp(a_j)",
]
LOST = "".join(
    rf"$$\frac{{\partial E}}{{\partial z_j}} = (a_j - y_j) q_{{{n}}} \cosh(r_{{{n}}} a_j)$$"
    + "\n\n"
    for n in range(1, 7)
)
"""Claims that fail because of names that the document never explains."""


def test_a_wrong_step_is_flagged_whatever_stands_beside_it():
    for claim in WRONG:
        alone = verify(f"{LAYER}$${claim}$$").equations[-1].verdict
        beside = verify(f"{LAYER}{LOST}$${claim}$$").equations[-1].verdict
        assert alone == beside
        assert alone in ("refuted", "ill_formed")


def test_what_rests_on_unexplained_names_is_still_in_doubt():
    found = verify(LAYER + LOST).equations[3:]
    assert {e.verdict for e in found} == {"not_understood"}


FOREIGN = [
    r"\frac{\partial E}{\partial b_j} = \omega_j (a_j - y_j) \tanh(k_1 a_j)",
    r"\frac{\partial E}{\partial w_{ji}} = \omega_j x_i \cosh(k_2 x_i)",
    r"\frac{\partial E}{\partial z_j} = \omega_j^3 y_j + k_3",
    r"\frac{\partial E}{\partial x_i} = \sum_j \omega_j w_{ji}^5 k_4",
]
"""Claims that rest on an omega of which nothing is said."""
RIGHT = [
    r"\frac{\partial E}{\partial a_j} = a_j - y_j",
    r"\frac{\partial E}{\partial z_j} = (a_j - y_j) a_j (1 - a_j)",
    r"\frac{\partial E}{\partial w_{ji}} = (a_j - y_j) a_j (1 - a_j) x_i",
    r"\frac{\partial E}{\partial b_j} = (a_j - y_j) a_j (1 - a_j)",
    r"\frac{\partial a_j}{\partial z_j} = a_j (1 - a_j)",
]


def test_one_name_of_which_nothing_holds_is_in_doubt_beside_much_that_holds():
    text = LAYER + "\n\n".join(f"$${c}$$" for c in [*RIGHT, *FOREIGN])
    found = verify(text).equations[2:]
    assert [e.verdict for e in found[:5]] == ["proved"] * 5
    assert {e.verdict for e in found[5:]} == {"not_understood"}
    assert all(r"4 claims about \omega_j fail and 0 hold" in e.reason for e in found[5:])


def test_three_errors_about_one_name_are_errors():
    text = LAYER + "\n\n".join(f"$${c}$$" for c in [*RIGHT, *FOREIGN[:3]])
    assert {e.verdict for e in verify(text).equations[7:]} == {"refuted"}

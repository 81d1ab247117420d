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

"""What renderers and tools leave in mathematics: entities, escaped brackets, macros in displays; two deltas."""

from __future__ import annotations

import pytest

from symbackprop.documents.scan import scan_text
from symbackprop.verifying.verify import verify

LAYER = r"""
$$z_j = \sum_i W_{ji} x_i + b_j, \quad a_j = \frac{1}{1 + e^{-z_j}}$$

$$J = \frac{1}{2}\sum_j (a_j - y_j)^2$$

$$\delta_j = (a_j - y_j) a_j (1 - a_j)$$

"""


def last(text: str) -> str:
    return verify(text, budget=20).equations[-1].verdict


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"$$\begin{aligned} \frac{\partial J}{\partial b_j} &amp;= \delta_j \end{aligned}$$",) * 2,
        (r"\\[ \frac{\partial J}{\partial W_{ji}} = \delta_j x_i \\]",) * 2,
        (r"see \\( \frac{\partial J}{\partial b_j} = \delta_j \\) here",) * 2,
        (r"$$\newcommand{\dd}{\delta} \frac{\partial J}{\partial b_j} = \dd_j$$",) * 2,
        (
            r"$$\def\pd#1#2{\frac{\partial #1}{\partial #2}} \pd{J}{b_j} = \delta_j$$",
            r"$$\def\pd#1#2{\frac{\partial #1}{\partial #2}} \pd{J}{b_j} = \delta_j$$",
        ),
        (r"$$\frac{\partial z_j}{\partial W_{ki}} = \delta_{jk} x_i$$",) * 2,
        (r"$$\frac{\partial a_j}{\partial z_k} = a_j (1 - a_j) \delta_{jk}$$",) * 2,
    ],
)
def test_right_and_wrong(right, wrong):
    assert last(LAYER + right) == "proved"
    head, _, tail = wrong.rpartition("= ")
    assert last(f"{LAYER}{head}= -{tail}") == "refuted"


def test_places_stay_where_they_are():
    [piece] = scan_text("text\n\n$$a &amp;= b &lt; c$$", "n.md", ".md").pieces
    assert (piece.line, piece.latex) == (3, "a &    = b <    c")
    assert scan_text(r"A list \\[2pt] of rows", "n.md", ".md").pieces == ()
    assert scan_text(r"$$\newcommand{\dd}{\delta}$$", "n.md", ".md").pieces == ()


def test_a_delta_of_two_indices_that_is_told_is_an_error():
    text = (
        LAYER.replace(r"\delta_j =", r"\delta_{nj} =")
        + r"$$\frac{\partial J}{\partial b_j} = \delta_{nj}$$"
    )
    assert verify(text, budget=20).equations[-1].verdict != "proved"


def test_an_entry_that_a_label_picks():
    text = r"""
$$P_{i,k} = \frac{e^{f_{i,k}}}{\sum_j e^{f_{i,j}}}, \quad L_i = -\log P_{i,y_i}$$

$$L = \sum_i L_i$$

$$\frac{\partial L}{\partial f_{i,k}} = P_{i,k} %s \mathbb{1}(y_i = k)$$
"""
    for sign in "-+":
        [*_, e] = verify(text % sign).equations
        assert e.verdict == "not_understood"
        assert "{i,k}{i,k}" not in e.reason  # a name that is shown already is not shown again


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (r"\left. \frac{\partial a_j}{\partial z_j} \right|_{z_j=0} = \frac{1}{4}", "at a point"),
        (r"\frac{\partial a_j}{\partial z_j}\Big|_{z_j=0} = \frac{1}{3}", "at a point"),
        (r"d = \mathrm{np.sum}(\delta, axis=1)", "call of a program"),
    ],
)
def test_what_is_not_read_is_said_plainly(claim, why):
    [*_, e] = verify(f"{LAYER}$${claim}$$").equations
    assert e.verdict == "not_understood"
    assert why in e.reason
    assert "'" in e.reason  # with what it is

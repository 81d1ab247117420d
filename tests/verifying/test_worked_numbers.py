"""Worked examples: entries written out with numbers, and numbers against what their names are worth."""

from __future__ import annotations

import math

import pytest

from symbackprop.verifying.verify import verify

NETWORK = r"""
For the hidden neurons $j = 1, 2$

$$z_j = w_{j1} x_1 + w_{j2} x_2 + b_j, \qquad a_j = \tanh(z_j)$$

$$y = v_1 a_1 + v_2 a_2 + c, \qquad E = \frac12 (y - t)^2$$
"""
GIVEN = r"""
$$x_1 = 1.5, \quad x_2 = -0.5, \quad t = 1, \quad v_1 = 0.7, \quad v_2 = -0.2, \quad c = 0.05$$

$$w_{11} = 0.2, \quad w_{12} = -0.4, \quad b_1 = 0.1, \quad w_{21} = -0.3, \quad w_{22} = 0.6, \quad b_2 = 0$$

$$z_1 = 0.2 \times 1.5 + (-0.4) \times (-0.5) + 0.1 = 0.6, \quad z_2 = -0.75$$

$$a_1 = \tanh(0.6) = 0.537, \quad a_2 = \tanh(-0.75) = -0.635, \quad y = 0.553$$
"""
ERRORS = r"""
$$\delta_j = \frac{\partial E}{\partial z_j} = (y - t) v_j (1 - a_j^2)$$
"""


def last(text: str) -> str:
    return verify(text).equations[-1].verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial E}{\partial z_j} = (y - t) v_j (1 - a_j^2)", "proved"),
        (r"\frac{\partial E}{\partial z_j} = (y - t) v_j (1 - a_1^2)", "refuted"),
        (r"\frac{\partial E}{\partial w_{j1}} = (y - t) v_j (1 - a_j^2) x_1", "proved"),
        (r"\frac{\partial E}{\partial w_{j1}} = (y - t) v_j (1 - a_j^2) x_2", "refuted"),
        (r"\frac{\partial E}{\partial w_{12}} = (y - t) v_1 (1 - a_1^2) x_2", "proved"),
        (r"\frac{\partial E}{\partial v_j} = (y - t) a_j", "proved"),
        (r"\frac{\partial E}{\partial b_j} = (y - t) v_j (1 + a_j^2)", "refuted"),
    ],
)
def test_a_letter_for_a_few_numbered_entries(claim: str, verdict: str) -> None:
    assert last(f"{NETWORK}\n$${claim}$$") == verdict


def test_the_statement_stays_one_row() -> None:
    report = verify(NETWORK)
    assert [e.verdict for e in report.equations] == ["definition", "definition"]
    assert sum("tanh" in e.latex for e in report.equations) == 1


@pytest.mark.parametrize("listed", [r"j \in \{1, 2\}", r"j = 1, 2", r"j = 1, \dots, 2"])
def test_ways_to_list(listed: str) -> None:
    text = NETWORK.replace("j = 1, 2", listed)
    assert last(text + "\n$$\\frac{\\partial E}{\\partial a_j} = (y - t) v_j$$") == "proved"


def test_sums_keep_their_indices() -> None:
    text = r"""
$$z_j = \sum_{i=1}^{2} w_{ji} x_i, \quad a_j = \tanh(z_j), \quad j = 1, 2$$ $$E = \frac12 \sum_j (a_j - y_j)^2$$

$$\frac{\partial E}{\partial w_{12}} = (a_1 - y_1) (1 - a_1^2) x_2$$
"""
    assert last(text) == "proved"


def error_signal() -> float:
    """δ_2 of the example, calculated here."""
    a1, a2 = math.tanh(0.6), math.tanh(-0.75)
    y = 0.7 * a1 - 0.2 * a2 + 0.05
    return (y - 1) * -0.2 * (1 - a2**2)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (rf"\delta_2 = (-0.447) \times (-0.2) \times (1 - 0.635^2) = {error_signal():.4f}", "agrees"),
        (rf"\delta_2 = {error_signal():.3f}", "agrees"),
        (r"\delta_2 = (-0.447) \times (-0.2) \times (1 - 0.75^2) = 0.0391", "refuted"),
        (r"\delta_2 = 0.0391", "refuted"),
        (r"\delta_2 = -0.0533", "refuted"),
        # Calculated wrongly: said so before anything else.
        (r"\delta_2 = (-0.447) \times (-0.2) \times (1 - 0.635^2) = 0.0391", "refuted"),
    ],
)  # fmt: skip
def test_a_number_against_its_definition(line: str, verdict: str) -> None:
    assert last(f"{NETWORK}{GIVEN}{ERRORS}\n$${line}$$") == verdict


def test_the_reason_says_both_numbers() -> None:
    report = verify(f"{NETWORK}{GIVEN}{ERRORS}\n$$\\delta_2 = 0.0391$$")
    reason = report.equations[-1].reason
    assert f"{error_signal():.3f}" in reason
    assert "0.0391" in reason


def test_a_second_value_is_that_of_a_later_step() -> None:
    text = f"{NETWORK}{GIVEN}{ERRORS}\n$$\\delta_2 = 0.0533$$\n\n"
    again = "$$z_1 = 0.9$$ and $$a_1 = \\tanh(0.9) = 0.716$$"
    assert [e.verdict for e in verify(f"{text}{again}").equations[-2:]] == ["refuted", "refuted"]
    report = verify(f"{text}After the step: {again}")
    assert [e.verdict for e in report.equations[-2:]] == ["definition", "agrees"]
    assert last(f"{text}After the step: $$a_1 = \\tanh(0.9) = 0.816$$") == "refuted"


def test_numbers_of_another_network_are_no_errors() -> None:
    """Nothing is near what the names would be worth: what was understood is not what was calculated."""
    other = GIVEN.replace("0.537", "0.41").replace("-0.635", "-0.2").replace("0.553", "0.9")
    other = other.replace("= 0.6,", "= 0.6 ").replace(r"\tanh(0.6) = ", "").replace(r"\tanh(-0.75) = ", "")  # fmt: skip
    report = verify(f"{NETWORK}{other}{ERRORS}\n$$\\delta_2 = 0.3$$")
    assert report.equations[-1].verdict == "definition"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{d \tanh(z)}{dz} = 1 - \tanh^2(z)", "proved"),
        (r"\frac{d \tanh(z)}{dz} = 1 + \tanh^2(z)", "refuted"),
        (r"\frac{d \log(p)}{dp} = \frac{1}{p}", "proved"),
    ],
)
def test_a_straight_d_before_a_function(line: str, verdict: str) -> None:
    assert last(f"{NETWORK}\n${line}$") == verdict


NEURON = r"""
$$z = w x + b, \quad a = \tanh(z), \quad C = \frac12 (a - y)^2$$

With $w = 0.5$, $x = 2$, $b = 0.1$ and $y = 1$:
"""


def slope() -> float:
    """∂C/∂w of the neuron, calculated here."""
    a = math.tanh(1.1)
    return (a - 1) * (1 - a * a) * 2


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        (rf"$$\frac{{\partial C}}{{\partial w}} = (0.8005 - 1) (1 - 0.8005^2) \cdot 2 = {slope():.4f}$$", "agrees"),
        # Right in itself; the sign is wrong. Nothing else tells whether the values were understood.
        (r"$$\frac{\partial C}{\partial w} = (1 - 0.8005) (1 - 0.8005^2) \cdot 2 = 0.1433$$", "not_understood"),
        # The forward pass is near: so the number is wrong.
        (
            r"$$z = 0.5 \cdot 2 + 0.1 = 1.1, \quad a = \tanh(1.1) = 0.8005$$ $$C = 0.0199$$"
            r"$$\frac{\partial C}{\partial w} = (1 - 0.8005) (1 - 0.8005^2) \cdot 2 = 0.1433$$",
            "refuted",
        ),
        (
            r"$$z = 0.5 \cdot 2 + 0.1 = 1.1, \quad a = \tanh(1.1) = 0.8005$$"
            r"$$C = \frac12 (0.8005 - 1.2)^2 = 0.0798$$",
            "refuted",
        ),
    ],
)  # fmt: skip
def test_a_derivative_in_numbers(lines: str, verdict: str) -> None:
    assert last(f"{NEURON}\n{lines}") == verdict


def test_after_a_step_the_numbers_are_others() -> None:
    text = (
        NEURON
        + r"$$z = 1.1, \quad a = 0.8005$$ After the step $w = 0.51$: $$\frac{\partial C}{\partial w} = -0.139$$"
    )
    assert last(text) not in ("refuted", "misprint")


@pytest.mark.parametrize(
    ("new", "accepted"),
    [
        (f"{0.5 - 0.5 * round(slope(), 4):.4f}", True),
        (f"{0.5 + 0.5 * round(slope(), 4):.4f}", False),
    ],
)
@pytest.mark.parametrize("prose", ["## Update\n\nWith", "It will come back again and again. With"])
def test_the_rate_is_told_where_the_step_is_taken(new: str, accepted: bool, prose: str) -> None:
    """A new value of the weight by the slope that was printed before."""
    text = (
        NEURON
        + r"$$z = 0.5 \cdot 2 + 0.1 = 1.1, \quad a = \tanh(1.1) = 0.8005$$"
        + rf"$$\frac{{\partial C}}{{\partial w}} = (a - y)(1 - a^2) x = {slope():.4f}$$"
        + f"\n\n{prose} a learning rate of $\\eta = 0.5$:\n\n"
        + rf"$$w^{{new}} = w - \eta \frac{{\partial C}}{{\partial w}} = 0.5 - 0.5 \cdot ({slope():.4f}) = {new}$$"
    )
    assert (last(text) in ("proved", "agrees")) == accepted
    assert (last(text) in ("refuted", "ill_formed")) == (not accepted)

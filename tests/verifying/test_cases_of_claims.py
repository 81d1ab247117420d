"""Claims that hold in one case only: the case before the formula, behind it, or in the sentence."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

LOGISTIC = r"""
$$z = w x + b, \quad a = \frac{1}{1 + e^{-z}}, \quad J = -y \log a - (1 - y) \log(1 - a)$$

"""
SOFTMAX = r"""
$$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$

"""
ABSTRACT = r"""
$$z = w x + b, \quad a = f(z), \quad J = \frac{1}{2}(a - y)^2$$

"""


def last(text: str) -> str:
    return verify(text, budget=20).equations[-1].verdict


@pytest.mark.parametrize(
    "frame",
    [
        r"$$y = 1: \quad %s$$",
        r"$$y = 1 \Rightarrow %s$$",
        r"$$\text{if } y = 1: \quad %s$$",
        r"$$%s \quad (y = 1)$$",
        r"$$%s \quad \text{if } y = 1$$",
        r"For $y = 1$, $%s$.",
        "When $y = 1$ we get\n\n$$%s$$",
    ],
)
def test_the_case_of_a_label(frame):
    assert last(LOGISTIC + frame % r"\frac{\partial J}{\partial z} = a - 1") == "proved"
    assert last(LOGISTIC + frame % r"\frac{\partial J}{\partial z} = a + 1") == "refuted"
    # what is not said for this case is not excused by it
    assert last(LOGISTIC + r"$$\frac{\partial J}{\partial z} = a - 1$$") == "refuted"


@pytest.mark.parametrize(
    "frame",
    [r"$$%s: \quad %s$$", "If $%s$,\n\n$$%s$$", "**Case $%s$:** $%s$"],
)
def test_the_case_of_two_indices(frame):
    left = r"\frac{\partial p_i}{\partial z_j} = "
    for case, right, wrong in (
        ("i = j", "p_i (1 - p_i)", "p_i (1 + p_i)"),
        (r"i \neq j", "-p_i p_j", "p_i p_j"),
    ):
        assert last(SOFTMAX + frame % (case, left + right)) == "proved"
        assert last(SOFTMAX + frame % (case, left + wrong)) == "refuted"
        assert last(SOFTMAX + f"$${left}{right}$$") == "refuted"


def test_several_cases_in_one_display():
    text = SOFTMAX + (
        r"$$i = j: \quad \frac{\partial p_i}{\partial z_j} = p_i (1 - p_i), \qquad "
        r"i \neq j: \quad \frac{\partial p_i}{\partial z_j} = -p_i p_j$$"
    )
    assert last(text) == "proved"
    assert last(text.replace("= -p_i", "= p_i")) == "refuted"
    assert last(text.replace("(1 - p_i)", "(1 + p_i)")) == "refuted"


def test_a_sentence_with_a_condition_refutes_nothing():
    sentence = (
        r"If the activation is the identity, $a = z$ and $\frac{\partial J}{\partial z} = z - y$."
    )
    found = verify(ABSTRACT + sentence).equations[1:]
    assert [e.verdict for e in found] == ["not_understood"] * 2
    assert all("condition" in e.reason for e in found)
    # and spoils nothing that comes after it
    claim = "\n\n" + r"$$\frac{\partial J}{\partial z} = (a - y) f'(z)$$"
    assert last(ABSTRACT + sentence + claim) == "proved"
    assert last(ABSTRACT + sentence + claim.replace("a - y", "a + y")) == "refuted"


def test_a_sentence_about_what_we_do_is_no_condition():
    for start in ("If we differentiate, ", "When you apply the chain rule, "):
        text = ABSTRACT + start + r"$\frac{\partial J}{\partial a} = %s$."
        assert last(text % "a - y") == "proved"
        assert last(text % "a + y") == "refuted"


def test_some_values_behind_a_formula():
    text = r"$$a = \max(0, z)$$" + "\n\n" + r"$\frac{\partial a}{\partial z} = 1$ for $z > 0$."
    assert verify(text, budget=20).equations[1].verdict == "not_understood"


def test_a_new_sentence_behind_a_wrong_claim_does_not_excuse_it():
    wrong = (
        ABSTRACT + r"$$\frac{\partial J}{\partial a} = y - a$$" + "\n\nIf $w = 1$, more follows."
    )
    assert verify(wrong).equations[1].verdict == "refuted"


def test_several_activations_in_the_prose():
    text = ABSTRACT + (
        "If $f$ is the sigmoid, then\n\n"
        r"$$\frac{\partial J}{\partial z} = (a - y) a (1 - a)$$"
        "\n\nIf $f$ is tanh, then\n\n"
        r"$$\frac{\partial J}{\partial z} = (a - y) (1 - a^2)$$"
    )
    assert [e.verdict for e in verify(text, budget=20).equations[1:]] == ["proved", "proved"]
    wrong = text.replace("a (1 - a)", "(1 - a)").replace("1 - a^2", "1 + a^2")
    assert [e.verdict for e in verify(wrong).equations[1:]] == ["refuted", "refuted"]
    assert last(text.replace("tanh", "linear").replace("(a - y) (1 - a^2)", "a - y")) == (
        "not_understood"
    )

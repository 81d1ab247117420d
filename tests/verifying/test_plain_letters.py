"""Plain text: arrows, sums and Greek letters spelt out, arrays in numbers, word vectors; bars behind a letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.documents.plain_spelling import as_latex
from symbackprop.verifying.verify import verify


def judged(text: str, tmp_path: Path, name: str = "mail.txt") -> dict[int, str]:
    """The verdict on each line."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return {e.line: e.verdict for e in verify(path).equations}


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("w <- w - eta g", r"w \leftarrow w - \eta g"),
        ("sum_{k=1..K} a_k", r"\sum_{k=1}^{K} a_k"),
        ("sum_{k = 1, ..., K-1} a_k", r"\sum_{k=1}^{K-1} a_k"),
        ("sum_j exp(s_j)", r"\sum_j exp(s_j)"),
        ("theta_1 + beta*theta_2", r"\theta_1 + \beta*\theta_2"),
        ("w_ij", "w_{ij}"),
        ("a < -1", "a < -1"),
        ("beta1", "beta1"),
        (r"\eta", r"\eta"),
    ],
)
def test_plain_letters_as_latex(plain: str, latex: str) -> None:
    assert as_latex(plain)[0] == latex


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"(w x - y) x + \alpha \operatorname{sign}(w)", "proved"),
        (r"(w x - y) x - \alpha \operatorname{sign}(w)", "refuted"),
        (r"(w x - y) x + \alpha", "refuted"),
    ],
)
def test_an_absolute_value_behind_a_letter(claim: str, verdict: str, tmp_path: Path) -> None:
    text = rf"""
$$E = \frac12 (w x - y)^2 + \alpha |w|$$
$$\frac{{\partial E}}{{\partial w}} = {claim}$$
"""
    assert judged(text, tmp_path, "note.md")[3] == verdict


NET = """
  z = W x + b
  h = sigmoid(z)
  y = v . h
  E = 0.5*(y - t)^2

  x = (0.6, -0.4)
  t = 1
  W = [[0.3, -0.2], [0.5, 0.8]]
  b = (0.1, -0.3)
  v = (0.7, -0.9)
  eta = 0.5

  z1 = 0.3*0.6 + (-0.2)*(-0.4) + 0.1 = 0.36
  z2 = 0.5*0.6 + 0.8*(-0.4) - 0.3 = -0.32
  h1 = sigmoid(0.36) = 0.58904
  h2 = sigmoid(-0.32) = 0.42068
  y = 0.7*0.58904 - 0.9*0.42068 = 0.03372
  dE/dy = y - t = -0.96628
  dE/dv1 = dE/dy * h1 = -0.56918
  dE/dz1 = dE/dy * v1 * h1*(1 - h1) = -0.16374
"""


@pytest.mark.parametrize(
    ("line", "accepted"),
    [
        ("dE/dw12 = dE/dz1 * x2 = -0.16374*(-0.4) = 0.06550", True),
        ("dE/dw12 = dE/dz1 * x1 = -0.16374*0.6 = -0.09824", False),
        ("dE/db1 = dE/dz1 = -0.16374", True),
        ("dE/db1 = dE/dz1 * h1 = -0.16374*0.58904 = -0.09645", False),
        ("v1 <- 0.7 - 0.5*(-0.56918) = 0.98459", True),
        ("v1 <- 0.7 - 0.5*(-0.56918) = 0.41541", False),
        ("v1 <- 0.7 + 0.5*(-0.56918) = 0.41541", False),
        ("v2 <- -0.9 - 0.5*(-0.56918) = -0.61541", False),
    ],
)
def test_arrays_given_in_numbers(line: str, accepted: bool, tmp_path: Path) -> None:
    found = judged(NET + f"  {line}\n", tmp_path)
    assert all(found[at] in ("definition", "agrees") for at in list(found)[:-1]), found
    assert (list(found.values())[-1] in ("agrees", "proved")) == accepted


WORDS = """
U is the matrix which has the u_w as its rows. A dot is the inner product.

    s_w = u_w . v_c
    p_w = exp(s_w) / sum_j exp(s_j)
    J = -log p_o

Let y be the one-hot vector for o, i.e. y_o = 1. Then
"""


@pytest.mark.parametrize(
    ("claim", "accepted"),
    [
        ("dJ/ds_w = p_w - y_w", True),
        ("dJ/ds = p - y", True),
        ("dJ/dv_c = sum_w (p_w - y_w) u_w", True),
        ("dJ/dv_c = U^T (p - y)", True),
        ("dJ/dU = (p - y) v_c^T", True),
        ("dJ/dv_c = U (p - y)", False),
        ("dJ/dv_c = U^T (y - p)", False),
        ("dJ/dU = (p - y) v_c", False),
        ("dJ/dU = v_c (p - y)^T", False),
        ("dJ/du_w = (p_w + y_w) v_c", False),
    ],
)
def test_word_vectors(claim: str, accepted: bool, tmp_path: Path) -> None:
    found = judged(f"{WORDS}\n    {claim}\n", tmp_path)
    verdict = list(found.values())[-1]
    assert verdict in (("agrees", "proved") if accepted else ("refuted", "ill_formed"))


def test_what_holds_for_the_other_words_is_not_called_wrong(tmp_path: Path) -> None:
    found = judged(f"{WORDS}\nfor any other word\n\n    dJ/du_w = p_w v_c\n", tmp_path)
    assert list(found.values())[-1] == "not_understood"

"""Texts in which the derivative of a number by a vector is a row, `∂s/∂w = x^T`, throughout."""

from __future__ import annotations

from pathlib import Path

import pytest

import symbackprop as sb

NEURON = r"""A neuron with column vectors $w$ and $x$:

$$s = w^\top x + b, \qquad a = \sigma(s), \qquad L = \frac12 (a - y)^2$$

"""
ROWS = [
    r"\frac{\partial s}{\partial w} = x^\top",
    r"\frac{\partial s}{\partial x} = w^\top",
    r"\frac{\partial L}{\partial w} = (a - y) \sigma'(s) x^\top",
]
COLUMNS = [row.replace(r"^\top", "") for row in ROWS]
ACCEPTED = {"proved", "agrees"}


def verdicts(claims: list[str], tmp_path: Path) -> list[str]:
    path = tmp_path / "a.md"
    path.write_text(NEURON + "\n\n".join(f"$${c}$$" for c in claims), encoding="utf-8")
    return [e.verdict for e in sb.verify(path).equations][-len(claims) :]


@pytest.mark.parametrize("claims", [ROWS, COLUMNS])
def test_one_layout_throughout(claims: list[str], tmp_path: Path) -> None:
    assert set(verdicts(claims, tmp_path)) <= ACCEPTED


def test_a_wrong_sign_is_wrong_in_rows_too(tmp_path: Path) -> None:
    wrong = r"\frac{\partial L}{\partial x} = (y - a) \sigma'(s) w^\top"
    *rest, last = verdicts([*ROWS, wrong], tmp_path)
    assert set(rest) <= ACCEPTED
    assert last in ("refuted", "ill_formed")


@pytest.mark.parametrize("k", range(3))
def test_one_row_among_columns_is_a_transpose_too_many(k: int, tmp_path: Path) -> None:
    claims = [ROWS[k] if i == k else c for i, c in enumerate(COLUMNS)]
    found = verdicts(claims, tmp_path)
    assert found[k] == "ill_formed"
    assert {v for i, v in enumerate(found) if i != k} <= ACCEPTED

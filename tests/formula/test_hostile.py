"""Input meant to break the reader: it answers, in time that grows with the length only."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from random import Random

import pytest

from symbackprop.errors import ReadingError
from symbackprop.formula.latex_reader import read, read_formula

pytestmark = pytest.mark.slow

N = 10_000
DEEP = {
    "brackets": "(" * N + "x" + ")" * N,
    "braces": "{" * N + "x" + "}" * N,
    "fractions": r"\frac{" * N + "x" + "}{2}" * N,
    "unclosed fractions": r"\frac{" * N,
    "roots": r"\sqrt" * N + "x",
    "functions": r"\log" * N + " x",
    "signs": "-" * N + "x",
    "superscripts": "x" + "^{x" * N + "}" * N,
    "sums": r"\sum_k " * N + "x",
    "slashes": "x" + "/x" * N,
    "environments": r"\begin{cases}" * N,
    "calls": "f(" * N + "x" + ")" * N,
    "underbraces": r"\underbrace{" * N + "x" + "}" * N,
    "mismatched": "(}" * N,
    "bars": r"\|x" * N + "|y" * N,
    "texts": r"\text{" * N,
    "relations": "=" * N,
    "nulls": "\0" * N,
    "a long number": "1" * N,
    "a huge exponent": "1e999999999",
}


@pytest.mark.parametrize("name", DEEP)
def test_no_crash_and_no_hang(name: str) -> None:
    start = time.perf_counter()
    for reader in (read, read_formula):
        with contextlib.suppress(ReadingError):
            reader(DEEP[name])
    assert time.perf_counter() - start < 20


def test_too_deep_is_a_reading_error() -> None:
    with pytest.raises(ReadingError, match="nested deeper"):
        read_formula("(" * N + "x" + ")" * N)


@pytest.mark.parametrize(
    "unit", ["x + ", r"w_{j}^{l} a ", r"a = b \\ ", r"\frac{a}{b} ", "f(x, y) "]
)
def test_time_is_linear_in_the_length(unit: str) -> None:
    def seconds(count: int) -> float:
        text = unit * count + "z"
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            read(text)
            best = min(best, time.process_time() - start)
        return best

    short, long = seconds(400), seconds(4000)
    assert long < 25 * short + 0.05


SEEDS = [
    e["latex"]
    for e in json.loads(Path(__file__).with_name("seed_readings.json").read_text("utf-8"))
]
SCRAPS_TEXT = (
    r"\frac \partial \sum \left( \right) \begin{aligned} \end{aligned} \begin{cases} & \\ { } ( ) "
    r"[ ] _ ^ ' = \leftarrow + - \cdot * / | \| x W 2.5 \sigma \log \text{if} \quad , \nabla \hat "
    r"\mathbf \mathbb{1} \max \ ∂ ² ᵀ Σ 中 \end{cases} \tag{1} \sqrt \underbrace d \not \rm \prod "
    r"\left. \right| % $ \odot \} \{ e := \begin{pmatrix} \end{pmatrix} \overset ½ ̂ ≤"
)
SCRAPS = SCRAPS_TEXT.split(" ")


@pytest.mark.parametrize("seed", range(8))
def test_mutated_equations_are_read_or_refused(seed: int) -> None:
    r = Random(seed)
    for _ in range(120):
        text = r.choice(SEEDS)[:400]
        for _ in range(r.randint(1, 5)):
            at = r.randrange(len(text) + 1)
            cut = r.choice([0, 0, 1, 3])
            text = (
                text[:at]
                + r.choice(["", r.choice(SCRAPS), chr(r.randrange(1, 0x2300))])
                + text[at + cut :]
            )
        with contextlib.suppress(ReadingError):
            assert read(text)

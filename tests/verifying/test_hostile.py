"""Hostile input: no crash, no hang, no file read but the given ones."""

from __future__ import annotations

import random
import time

import pytest

from symbackprop.verifying.verify import verify

DEFINITIONS = r"$z = w x + b$, $a = \frac{1}{1 + e^{-z}}$, $J = \frac{1}{2} (a - y)^2$. "
CLAIM = r"\frac{\partial J}{\partial w} = (a - y) a (1 - a) x"


@pytest.mark.parametrize(
    "text",
    [
        "$" + "{" * 10_000 + "x" + "}" * 10_000 + " = 1$",
        "$" + "(" * 10_000 + "x = 1$",
        "$x = " + "\\frac{1}{" * 3_000 + "1$",
        "$x = " + " + ".join("y" for _ in range(60_000)) + "$",
        "$x = \\sum_{i=1}^{1000000} y_i$ and $\\frac{\\partial x}{\\partial y_3} = 1$",
        "$x = \\sum_{i=1}^{n} \\sum_{j=1}^{n} \\sum_{k=1}^{n} \\sum_{l=1}^{n} y_{ijkl}$",
        "$a = b$\x00$c = d$\x00",
        "$$ $$ $$ $$ $ $ \\[ \\( \\begin{align} $$",
        "\\newcommand{\\a}[1]{\\a{\\a{#1}}} $\\a{x} = 1$",
        "\\input{/etc/passwd} \\include{x} $\\input{y} = 1$",
        "$" + "x^{" * 2_000 + "2" + "}" * 2_000 + " = 1$",
        "$x = x$ $x := x + x$ $x \\leftarrow x$",
        "$" + "\\left(" * 500 + " = \\right]$",
        "$= = =$ $\\partial / \\partial = \\partial$ $\\frac{\\partial}{\\partial} = 0$",
    ],
    ids=range(14),
)
def test_it_ends_with_a_report(text):
    start = time.perf_counter()
    report = verify(text)
    assert report.json()["summary"]["equations"] == len(report.equations)
    assert time.perf_counter() - start < 30


@pytest.mark.slow
def test_a_file_of_20_megabytes(tmp_path):
    path = tmp_path / "big.md"
    path.write_text("words and words, no mathematics at all.\n\n" * 500_000 + f"${CLAIM}$")
    report = verify(path)
    assert len(report.equations) == 1


def mutated(rng: random.Random) -> str:
    text = DEFINITIONS + f"$${CLAIM}$$"
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(text))
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:at] + text[at + rng.randint(1, 5) :]
        elif kind == 1:
            text = text[:at] + rng.choice("${}^_\\()[]=+-&%#'|<>,.\n σ∂Σ∇ᵀ\x00") + text[at:]
        elif kind == 2:
            other = rng.randrange(len(text))
            text = text[:at] + text[other : other + 9] + text[at:]
        else:
            word = rng.choice(
                ["\\frac", "\\partial ", "\\sum_{i}", "\\begin{cases}", "^T", "\\odot ", "_{ij}", "^{(l+1)}",
                 "\\left(", "\\nabla_{w}", "\\log", "W", "\\\\", "\\leftarrow ", "\\delta", "'"]
            )  # fmt: skip
            text = text[:at] + word + text[at:]
    return text


def test_mutated_text_never_crashes():
    rng = random.Random(7)
    for _ in range(150):
        verify(mutated(rng), budget=0.3)


if __name__ == "__main__":
    import sys

    count = int(sys.argv[1])
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    start = time.perf_counter()
    slowest = 0.0
    for _i in range(count):
        text = mutated(rng)
        began = time.perf_counter()
        try:
            verify(text, budget=0.3)
        except Exception as error:
            print("CRASH", type(error).__name__, error, repr(text))
        slowest = max(slowest, time.perf_counter() - began)
    print(f"{count} inputs in {time.perf_counter() - start:.0f} s, the slowest {slowest:.1f} s")

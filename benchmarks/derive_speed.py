"""How fast derivations are: every ratio measured in one run, printed as a Markdown table.

    python benchmarks/derive_speed.py [--rounds 7] [--naive-seconds 10]

A ratio is the median of paired quotients: both sides run one after the other in each round, in an order that
alternates; beside it stand the smallest and the largest. Times inside the process are processor times, which
a busy machine does not change much; whole processes are given in wall-clock and in processor time.
"""

from __future__ import annotations

import argparse
import itertools
import math
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sympy as sp

from symbackprop.calculus.forms import textbook_gradients
from symbackprop.calculus.views import matrix_view
from symbackprop.derivation.neuron.narrate import all_derivatives, tale_of
from symbackprop.derivation.neuron.tale import Options
from symbackprop.networks import mlp
from symbackprop.system.model import System

Row = tuple[str, str, str, str]


def seconds(job: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    job()
    return time.process_time() - start


Pairs = list[tuple[float, float]]


def paired(
    one: Callable[[], object],
    other: Callable[[], object],
    rounds: int,
    seconds: Callable[[Callable[[], object]], Any] = seconds,
) -> list[tuple[Any, Any]]:
    """Times of both, side by side; each is run once before."""
    one()
    other()
    found = []
    for i in range(rounds):
        if i % 2:
            b, a = seconds(other), seconds(one)
        else:
            a, b = seconds(one), seconds(other)
        found.append((a, b))
    return found


def quotient(pairs: Pairs, factor: float = 1.0) -> tuple[float, str]:
    ratios = sorted(a / (b * factor) for a, b in pairs)
    return statistics.median(
        ratios
    ), f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def median(times: list[float]) -> float:
    return statistics.median(times)


def verdict(holds: bool) -> str:
    return "yes" if holds else "NO"


# --- whole process --------------------------------------------------------------------------------


def run(cache: str, *command: str) -> Callable[[], object]:
    """A process; compiled modules come from `cache` for both sides, as after an installation by pip."""
    plain = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def job() -> None:
        environment = {**plain, "PYTHONPYCACHEPREFIX": cache}
        subprocess.run(command, check=True, capture_output=True, env=environment)

    return job


def both_clocks(job: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and processor time of a job that is a process of its own."""
    before = os.times()
    job()
    after = os.times()
    processor = after.children_user + after.children_system
    processor -= before.children_user + before.children_system
    return after.elapsed - before.elapsed, processor


def whole_process(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        script = str(Path(sys.executable).with_name("symbackprop"))
        pairs = paired(
            run(cache, script, "derive", "chang", "-o", folder),
            run(cache, sys.executable, "-c", "import sympy, jinja2"),
            rounds,
            both_clocks,
        )
    rows: list[Row] = []
    for i, clock in enumerate(("wall clock", "processor")):
        times: Pairs = [(ours[i], theirs[i]) for ours, theirs in pairs]
        ratio, text = quotient(times)
        mine, base = (median([p[side] for p in times]) for side in (0, 1))
        rows.append(
            (
                f"whole process `derive chang -o DIR` : `import sympy, jinja2`, {clock}",
                f"{text}; {mine:.2f} s : {base:.2f} s",
                "at most 2.0",
                verdict(ratio <= 2.0),
            )
        )
    return rows


# --- in the process -------------------------------------------------------------------------------


def deep(depth: int) -> System:
    return mlp([3] * (depth + 1), "sigmoid", cost="half-sse")


def textbook(rounds: int) -> Row:
    def job() -> None:
        textbook_gradients(mlp([2, 2, 2], "sigmoid", cost="bce"))

    times = [seconds(job) for _ in range(rounds)]
    return (
        "textbook gradients of 2-2-2",
        f"{median(times) * 1e3:.1f} ms (first call {times[0] * 1e3:.0f} ms)",
        "under 100 ms",
        verdict(median(times) < 0.1),
    )


def matrices(rounds: int) -> list[Row]:
    small, wide = (mlp(s, "relu", cost="half-sse") for s in ([2, 2, 2, 2], [784, 512, 512, 10]))
    pairs = paired(lambda: matrix_view(wide), lambda: matrix_view(small), max(rounds, 15))
    ratio, text = quotient(pairs)
    time_ = median([b for _, b in pairs])
    return [
        ("matrix view of depth 3", f"{time_ * 1e3:.1f} ms", "under 100 ms", verdict(time_ < 0.1)),
        (
            "matrix view, 784-512-512-10 : 2-2-2-2",
            text,
            "0.90 to 1.10",
            verdict(0.9 <= ratio <= 1.1),
        ),
    ]


def depths(rounds: int) -> Row:
    far, near = deep(100), deep(2)
    pairs = paired(lambda: textbook_gradients(far), lambda: textbook_gradients(near), rounds)
    ratio, text = quotient(pairs, 50.0)
    return (
        "gradients at depth 100 : 50 times those at depth 2",
        text,
        "at most 1.2",
        verdict(ratio <= 1.2),
    )


NEURONS = ((10, 10), (30, 30, 10), (100, 100, 10))


def weights(sizes: tuple[int, ...]) -> int:
    return sum((a + 1) * b for a, b in itertools.pairwise(sizes))


def neuron_view(sizes: tuple[int, ...]) -> int:
    """Every parameter's gradient in delta form; how many there are."""
    return len(all_derivatives(tale_of(mlp(list(sizes), "sigmoid", cost="bce"), Options())))


def neurons(rounds: int) -> list[Row]:
    rows: list[Row] = []
    each: list[float] = []
    for sizes in NEURONS:
        times = [seconds(lambda sizes=sizes: neuron_view(sizes)) for _ in range(min(rounds, 5))]
        count = neuron_view(sizes)
        assert count == weights(sizes)
        each.append(median(times) / count)
        target = "under 1 s" if sizes == (30, 30, 10) else ""
        rows.append(
            (
                f"neuron view of {'-'.join(map(str, sizes))}: all {count:,} parameters",
                f"{median(times) * 1e3:.0f} ms, {each[-1] * 1e6:.0f} µs a parameter",
                target,
                verdict(median(times) < 1) if target else "",
            )
        )
    # t = c n^p between the two larger networks; collecting garbage adds a little to p = 1.
    counts = [weights(sizes) for sizes in NEURONS]
    growth = 1 + math.log(each[-1] / each[1]) / math.log(counts[-1] / counts[1])
    rows.append(
        (
            "its growth: time as a power of the number of parameters",
            f"{growth:.2f}",
            "linear: about 1",
            verdict(growth < 1.2),
        )
    )
    return rows


# --- naive SymPy beside it --------------------------------------------------------------------------


def naive(sizes: tuple[int, ...], answer: Any) -> None:
    """SymPy as a user without this package uses it: the cost as one expression, diff, simplify."""
    x: list[sp.Expr] = list(sp.symbols(f"x1:{sizes[0] + 1}", real=True))
    parameters: list[sp.Symbol] = []
    for layer, (a, b) in enumerate(itertools.pairwise(sizes), start=1):
        w = [sp.symbols(f"w{layer}_{j}_1:{a + 1}", real=True) for j in range(b)]
        bias = sp.symbols(f"b{layer}_1:{b + 1}", real=True)
        parameters += [p for row in w for p in row] + list(bias)
        sums = [sum(wk * xk for wk, xk in zip(w[j], x, strict=True)) + bias[j] for j in range(b)]
        x = [1 / (1 + sp.exp(-s)) for s in sums]
    y = sp.symbols(f"y1:{sizes[-1] + 1}", real=True)
    cost = -sum(t * sp.log(a) + (1 - t) * sp.log(1 - a) for t, a in zip(y, x, strict=True))
    for number, p in enumerate(parameters, start=1):
        sp.simplify(sp.diff(cost, p))
        answer.value = number


def naive_row(sizes: tuple[int, ...], limit: float) -> Row:
    answer = multiprocessing.Value("i", 0)
    process = multiprocessing.Process(target=naive, args=(sizes, answer))
    start = time.perf_counter()
    process.start()
    process.join(limit)
    done = not process.is_alive()
    spent = time.perf_counter() - start
    if not done:
        process.kill()
        process.join()
    count = weights(sizes)
    ours = median([seconds(lambda: neuron_view(sizes)) for _ in range(5)])
    said = (
        f"{spent:.1f} s"
        if done
        else f"{answer.value} of {count} gradients in {limit:.0f} s (stopped)"
    )
    return (
        f"naive SymPy (diff, simplify) of {'-'.join(map(str, sizes))}",
        f"{said}; ours, all {count}: {ours * 1e3:.0f} ms",
        "",
        "",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--naive-seconds", type=float, default=10.0)
    given = parser.parse_args()
    rows = [
        *whole_process(given.rounds),
        textbook(given.rounds),
        *matrices(given.rounds),
        depths(given.rounds),
        *neurons(given.rounds),
        *(naive_row(s, given.naive_seconds) for s in ((2, 1), (2, 2, 2), (4, 4, 4))),
    ]
    print("| measured | result | wanted | met |")
    print("|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()

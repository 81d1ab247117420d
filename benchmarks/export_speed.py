"""Exported code against hand-written NumPy, PyTorch eager, jax.jit and CasADi, in one run.

    python benchmarks/export_speed.py [--rounds 31] [--only numpy,torch,jax,c,source] [--cores 1]

Every ratio is the median of paired measurements: in each round both sides run one after the other, in
an order that alternates, and one quotient comes out. Beside the median stand the bounds of its 95%
interval (from the order statistics of the quotients). Timings are wall clock.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from hand_numpy import HandWritten

from symbackprop.export.source import export_source
from symbackprop.networks import mlp

SIZES = [
    ([2, 2, 2], 1),
    ([2, 2, 2], 32),
    ([64, 64, 10], 64),
    ([784, 128, 10], 128),
    ([784, 512, 512, 10], 256),
]


def network(sizes: list[int]):
    """Sigmoid and bce for the small one, softmax-ce for the classifiers (relu where it is deep)."""
    if sizes == [2, 2, 2]:
        return mlp(sizes, "sigmoid", cost="bce"), "sigmoid", "bce"
    hidden = "relu" if len(sizes) > 3 else "sigmoid"
    return mlp(sizes, hidden, cost="softmax-ce"), hidden, "softmax-ce"


def load(text: str, name: str, folder: Path):
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def data(sizes: list[int], m: int, cost: str, seed: int = 0):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(m, sizes[0]))
    if cost == "bce":
        y = generator.uniform(0.1, 0.9, size=(m, sizes[-1]))
    else:
        y = np.eye(sizes[-1])[generator.integers(0, sizes[-1], m)]
    return x, y


def seconds(run: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def paired(left: Callable[[], object], right: Callable[[], object], rounds: int):
    """(median of left/right, lower, upper, seconds of left, seconds of right)."""
    left(), right()
    once = max(seconds(left, 3), seconds(right, 3), 1e-7)
    repeats = max(1, int(0.02 / once))
    quotients, lefts, rights = [], [], []
    for i in range(rounds):
        if i % 2:
            b = seconds(right, repeats)
            a = seconds(left, repeats)
        else:
            a = seconds(left, repeats)
            b = seconds(right, repeats)
        quotients.append(a / b)
        lefts.append(a)
        rights.append(b)
    ordered = sorted(quotients)
    n = len(ordered)
    spread = 0.98 * n**0.5
    low = ordered[max(0, int(n / 2 - spread))]
    high = ordered[min(n - 1, int(n / 2 + spread))]
    return np.median(quotients), low, high, float(np.median(lefts)), float(np.median(rights))


def row(what: str, sizes, m: int, result, limit: str) -> None:
    median, low, high, a, b = result
    name = "-".join(map(str, sizes))
    print(
        f"| {what} | {name} | {m} | {scaled(a)} | {scaled(b)} | {median:.3f}"
        f" [{low:.3f}, {high:.3f}] | {limit} |",
        flush=True,
    )


def scaled(value: float) -> str:
    for unit, factor in (("ns", 1e9), ("us", 1e6), ("ms", 1e3)):
        if value * factor < 1000:
            return f"{value * factor:.1f} {unit}"
    return f"{value:.2f} s"


def header() -> None:
    print("| comparison | network | m | exported | other | ratio [95% of the median] | aim |")
    print("|---|---|---|---|---|---|---|")


def gemms(sizes: list[int], m: int) -> Callable[[], None]:
    """The matrix products alone: forward, by the weights, and back to all layers but the first."""
    generator = np.random.default_rng(0)
    a = [generator.normal(size=(m, n)) for n in sizes]
    w = [generator.normal(size=(p, n)) for n, p in pairwise(sizes)]

    def run() -> None:
        for layer, weights in enumerate(w):
            a[layer] @ weights.T
        for layer in range(len(w), 0, -1):
            a[layer].T @ a[layer - 1]
            if layer > 1:
                a[layer] @ w[layer - 1]

    return run


def peak(run: Callable[[], object]) -> int:
    run()
    tracemalloc.start()
    run()
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest


def against_hand(folder: Path, rounds: int) -> None:
    for sizes, m in SIZES:
        system, hidden, cost = network(sizes)
        module = load(export_source(system, "numpy"), "n" + "_".join(map(str, sizes)), folder)
        hand = HandWritten(len(sizes) - 1, hidden, cost)
        p = module.init_parameters(0)
        x, y = data(sizes, m, cost)
        ours, theirs = module.value_and_grad(p, x, y), hand.value_and_grad(p, x, y)
        assert abs(ours[0] - theirs[0]) <= 1e-10 * max(1, abs(theirs[0]))
        for name, value in theirs[1].items():
            np.testing.assert_allclose(ours[1][name], value, rtol=1e-9, atol=1e-10)

        def run_ours(module=module, p=p, x=x, y=y):
            module.value_and_grad(p, x, y)

        def run_hand(hand=hand, p=p, x=x, y=y):
            hand.value_and_grad(p, x, y)

        row("NumPy / hand", sizes, m, paired(run_ours, run_hand, rounds), "<= 1.05")
        if sizes[0] > 2:
            floor = paired(gemms(sizes, m), run_ours, rounds)
            print(f"|   share of the matrix products | | | | | {floor[0]:.2f} | reported |")
            a, b = peak(run_ours), peak(run_hand)
            print(f"|   peak memory, ours / hand | | | {a} B | {b} B | {a / b:.3f} | <= 1 |")


def against_torch(folder: Path, rounds: int) -> None:
    try:
        import torch
    except ImportError:
        print("| PyTorch is not installed | | | | | | |")
        return
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    aims = {(2, 2, 2): "<= 0.33", (64, 64, 10): "<= 0.5", (784, 512, 512, 10): "<= 1"}
    for sizes, m in SIZES:
        if tuple(sizes) not in aims:
            continue
        system, hidden, cost = network(sizes)
        module = load(export_source(system, "numpy"), "t" + "_".join(map(str, sizes)), folder)
        p = module.init_parameters(0)
        x, y = data(sizes, m, cost)
        tx, ty = torch.as_tensor(x), torch.as_tensor(y)
        tp = {k: torch.as_tensor(v).clone().requires_grad_() for k, v in p.items()}
        act = torch.sigmoid if hidden == "sigmoid" else torch.relu

        depth = len(sizes) - 1

        def run_torch(tp=tp, tx=tx, ty=ty, act=act, depth=depth, cost=cost):
            a = tx
            for layer in range(1, depth):
                a = act(torch.nn.functional.linear(a, tp[f"W{layer}"], tp[f"b{layer}"]))
            z = torch.nn.functional.linear(a, tp[f"W{depth}"], tp[f"b{depth}"])
            if cost == "bce":
                value = torch.nn.functional.binary_cross_entropy_with_logits(z, ty, reduction="sum")
            else:
                value = torch.nn.functional.cross_entropy(z, ty, reduction="sum")
            return torch.autograd.grad(value, list(tp.values()))

        def run_ours(module=module, p=p, x=x, y=y):
            module.value_and_grad(p, x, y)

        for found, name in zip(run_torch(), tp, strict=True):
            np.testing.assert_allclose(
                found.numpy(), module.gradient(p, x, y)[name], rtol=1e-9, atol=1e-10
            )
        row(
            "NumPy / torch eager", sizes, m, paired(run_ours, run_torch, rounds), aims[tuple(sizes)]
        )


def against_jax(folder: Path, rounds: int) -> None:
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        print("| JAX is not installed | | | | | | |")
        return
    jax.config.update("jax_enable_x64", True)
    for sizes, m, aim in (([2, 2, 2], 1, "<= 1.3"), ([784, 128, 10], 128, "<= 1.05")):
        system, _, cost = network(sizes)
        name = "_".join(map(str, sizes))
        ours_numpy = load(export_source(system, "numpy"), "jn" + name, folder)
        ours_jax = load(export_source(system, "jax"), "jj" + name, folder)
        p = ours_numpy.init_parameters(0)
        x, y = data(sizes, m, cost)
        jp = {k: jnp.asarray(v) for k, v in p.items()}
        jx, jy = jnp.asarray(x), jnp.asarray(y)

        depth = len(sizes) - 1

        def plain(p, x, y, depth=depth, cost=cost):
            a = x
            for layer in range(1, depth):
                a = jax.nn.sigmoid(a @ p[f"W{layer}"].T + p[f"b{layer}"])
            z = a @ p[f"W{depth}"].T + p[f"b{depth}"]
            if cost == "bce":
                return jnp.sum(jnp.logaddexp(0.0, z) - y * z)
            return -jnp.sum(y * jax.nn.log_softmax(z))

        theirs = jax.jit(jax.value_and_grad(plain))
        own = jax.jit(ours_jax.value_and_grad)

        def run_theirs(f=theirs, jp=jp, jx=jx, jy=jy):
            jax.block_until_ready(f(jp, jx, jy))

        def run_own(f=own, jp=jp, jx=jx, jy=jy):
            jax.block_until_ready(f(jp, jx, jy))

        def run_numpy(module=ours_numpy, p=p, x=x, y=y):
            module.value_and_grad(p, x, y)

        row("NumPy / jax.jit", sizes, m, paired(run_numpy, run_theirs, rounds), aim)
        row("JAX export, jitted / jax.jit", sizes, m, paired(run_own, run_theirs, rounds), aim)


HARNESS = r"""
#include <stdio.h>
#include <time.h>
#include "network.h"
#include "casadi_gradient.h"
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec; }
static double p[NETWORK_PARAMETERS], g[NETWORK_PARAMETERS], g2[NETWORK_PARAMETERS];
static double x[%(inputs)d], y[%(outputs)d], w[NETWORK_WORKSPACE(1)];
static double w2[%(room)d];
static casadi_int iw[%(iroom)d + 1];
int main(void) {
  long i, r, n = %(repeats)d; double j = 0, j2 = 0, worst = 0;
  const double *arg[8] = {p, x, y}; double *res[8] = {&j2, g2};
  network_init_parameters(1UL, p);
  for (i = 0; i < %(inputs)d; ++i) x[i] = 0.1 * (double)(i + 1) - 0.25;
  for (i = 0; i < %(outputs)d; ++i) y[i] = 0.3 + 0.05 * (double)i;
  for (r = 0; r < %(rounds)d; ++r) {
    double a, b, c;
    a = now();
    for (i = 0; i < n; ++i) { x[0] = 1e-9 * (double)i; j += network_value_and_grad(p, x, y, 1, g, w); }
    b = now();
    for (i = 0; i < n; ++i) { x[0] = 1e-9 * (double)i; casadi_gradient(arg, res, iw, w2, 0); j += j2; }
    c = now();
    printf("%%.6e %%.6e\n", (b - a) / (double)n, (c - b) / (double)n);
  }
  j = network_value_and_grad(p, x, y, 1, g, w);
  casadi_gradient(arg, res, iw, w2, 0);
  for (i = 0; i < NETWORK_PARAMETERS; ++i) { double d = g[i] - g2[i]; d = d < 0 ? -d : d; if (d > worst) worst = d; }
  fprintf(stderr, "%%.1e", worst + (j > j2 ? j - j2 : j2 - j));
  return 0;
}
"""


def against_casadi(
    folder: Path, rounds: int, flags: tuple[str, ...] = ("-O3", "-march=native")
) -> None:
    try:
        import casadi
    except ImportError:
        print("| CasADi is not installed | | | | | | |")
        return
    for sizes in ([2, 2, 2], [10, 10, 10]):
        for cost in ("bce", "half-sse"):
            files = export_source(mlp(sizes, "sigmoid", cost=cost), "c")
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8")
            total = sum(p * (n + 1) for n, p in pairwise(sizes))
            p = casadi.SX.sym("p", total)
            x, y = casadi.SX.sym("x", sizes[0]), casadi.SX.sym("y", sizes[-1])
            a, start = x, 0
            for n, out in pairwise(sizes):
                weights = casadi.reshape(p[start : start + n * out], n, out).T
                start += n * out
                z = weights @ a + p[start : start + out]
                start += out
                a = 1 / (1 + casadi.exp(-z))
            if cost == "bce":
                j = -casadi.sum1(y * casadi.log(a) + (1 - y) * casadi.log(1 - a))
            else:
                j = casadi.sumsqr(a - y) / 2
            function = casadi.Function(
                "casadi_gradient", [p, x, y], [j, casadi.densify(casadi.gradient(j, p))]
            )
            generator = casadi.CodeGenerator("casadi_gradient.c", {"with_header": True})
            generator.add(function)
            generator.generate(str(folder) + "/")
            harness = HARNESS % {
                "inputs": sizes[0],
                "outputs": sizes[-1],
                "room": max(1, function.sz_w()),
                "iroom": function.sz_iw(),
                "repeats": 200_000 if sizes[0] == 2 else 20_000,
                "rounds": rounds,
            }
            (folder / "main.c").write_text(harness, encoding="utf-8")
            subprocess.run(
                [
                    "gcc",
                    "-std=gnu99",
                    *flags,
                    "main.c",
                    "network.c",
                    "casadi_gradient.c",
                    "-lm",
                    "-o",
                    "race",
                ],
                cwd=folder,
                check=True,
            )
            done = subprocess.run(
                ["./race"], cwd=folder, check=True, capture_output=True, text=True
            )
            pairs = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
            quotients = sorted(a / b for a, b in pairs)
            n, spread = len(quotients), 0.98 * len(quotients) ** 0.5
            result = (
                float(np.median(quotients)),
                quotients[max(0, int(n / 2 - spread))],
                quotients[min(n - 1, int(n / 2 + spread))],
                float(np.median([a for a, _ in pairs])),
                float(np.median([b for _, b in pairs])),
            )
            row(f"C / CasADi, {cost}, {' '.join(flags)}", sizes, 1, result, "<= 1.0")
            print(f"|   largest difference of the two gradients | | | | | {done.stderr} | |")


def source_lengths() -> None:
    print()
    print("| network | target | characters | seconds |")
    print("|---|---|---|---|")
    deep = [3] * 101
    for sizes in ([2, 2, 2], [784, 512, 10], [10**9, 10**9, 10**9], deep):
        for target in ("numpy", "jax", "torch", "c"):
            if sizes[0] == 10**9 and target == "c":
                continue
            name = "3-...-3 (depth 100)" if sizes is deep else "-".join(map(str, sizes))
            start = time.perf_counter()
            text = export_source(mlp(sizes, "tanh", cost="half-sse"), target)
            spent = time.perf_counter() - start
            length = len(text) if isinstance(text, str) else sum(map(len, text.values()))
            print(f"| {name} | {target} | {length} | {spent:.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--only", default="numpy,torch,jax,c,source")
    parser.add_argument("--cores", type=int, default=0, help="pin to this many cores (0: all)")
    given = parser.parse_args()
    if given.cores:
        # All libraries are loaded later or ask for the affinity, so each gets the same cores; the
        # threads of NumPy's BLAS are set by OPENBLAS_NUM_THREADS before Python starts.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-given.cores :])
        if os.environ.get("OPENBLAS_NUM_THREADS") != str(given.cores):
            os.environ["OPENBLAS_NUM_THREADS"] = str(given.cores)
            os.execv(sys.executable, [sys.executable, *sys.argv])
    only = given.only.split(",")
    print(
        f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python"
        f" {platform.python_version()}, NumPy {np.__version__}"
    )
    header()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "numpy" in only:
            against_hand(folder, given.rounds)
        if "torch" in only:
            against_torch(folder, given.rounds)
        if "jax" in only:
            against_jax(folder, given.rounds)
        if "c" in only:
            against_casadi(folder, given.rounds)
    if "source" in only:
        source_lengths()


if __name__ == "__main__":
    sys.exit(main())

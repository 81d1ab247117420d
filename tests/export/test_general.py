"""Whatever a System can express: random systems and special shapes, by exported NumPy and C."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from numeric.random_systems import Maker, axis, random_system, ranges

from symbackprop.export.gradcheck import gradcheck
from symbackprop.export.lambdify import lambdify
from symbackprop.export.samples import has_samples
from symbackprop.numeric.values import example_sizes, example_values
from symbackprop.system.model import (
    Axis,
    Description,
    Equation,
    Quantity,
    System,
    entry,
    index,
    size,
)

from .support import Compiled, close, exported

pytestmark = pytest.mark.slow


def both(system: System, folder: Path, seed: int = 0) -> None:
    """Exported NumPy and C give what lambdify gives; lambdify gives what complex steps give."""
    assert gradcheck(system, seed=seed).passed
    sizes = example_sizes(system)
    values = example_values(system, sizes, seed)
    f = lambdify(system, sizes)
    value, expected = f.value_and_grad(values)
    added = () if has_samples(system) else (None,)
    data = [np.asarray(values[q.name])[added] for q in (*system.inputs, *system.targets)]
    flat: dict[str, Any] = {}
    for q in system.parameters:
        if q.name in f.program.families:
            flat.update(zip(f.program.families[q.name], values[q.name], strict=True))
            expected.update(zip(f.program.families[q.name], expected.pop(q.name), strict=True))
        else:
            flat[q.name] = np.asarray(values[q.name])
    module = exported(system, "numpy", folder, sizes=sizes)
    own_value, own = module.value_and_grad(flat, *data)
    assert own_value == pytest.approx(value, rel=1e-12)
    assert module.cost(flat, *data) == pytest.approx(value, rel=1e-12)
    close(own, expected, 1e-12)
    runtime = [
        data[[q.name for q in (*system.inputs, *system.targets)].index(name)].shape[place]
        for _, name, place in f.program.runtime
    ]
    c_value, by_c = Compiled(system, folder, sizes=sizes).value_and_grad(flat, data, runtime)
    assert c_value == pytest.approx(value, rel=1e-12)
    close(by_c, expected, 1e-12)


@pytest.mark.parametrize("seed", range(2000, 2024))
def test_random_systems(seed: int, tmp_path: Path) -> None:
    both(random_system(seed), tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3000, 3100))
def test_more_random_systems(seed: int, tmp_path: Path) -> None:
    both(random_system(seed), tmp_path, seed)


def test_batch_normalisation(tmp_path: Path) -> None:
    """The mean and variance over the samples: they cannot pass one by one."""
    n, j, k, q = (index(x) for x in "njkq")
    m = size("m")
    samples = Axis(n, m, kind="sample")
    unit = axis("j", 3)
    row, box = ranges((unit,)), ((n, sp.Integer(1), m), *ranges((unit,)))
    quantities = (
        Quantity("x", "input", (samples, axis("k", 2))),
        Quantity("y", "target", (samples, unit)),
        Quantity("W", "parameter", (unit, axis("k", 2))),
        Quantity("g", "parameter", (unit,)),
        Quantity("z", "intermediate", (samples, unit)),
        Quantity("mu", "intermediate", (unit,)),
        Quantity("v", "intermediate", (unit,)),
        Quantity("u", "intermediate", (samples, unit)),
        Quantity("J", "cost"),
    )
    z, mu, v, u = entry("z", n, j), entry("mu", j), entry("v", j), entry("u", n, j)
    over = (n, 1, m)
    equations = (
        Equation("z", (n, j), sp.Sum(entry("W", j, k) * entry("x", n, k), (k, 1, 2)), box),
        Equation("mu", (j,), sp.Sum(entry("z", q, j), (q, 1, m)) / m, row),
        Equation("v", (j,), sp.Sum((entry("z", q, j) - mu) ** 2, (q, 1, m)) / m, row),
        Equation("u", (n, j), entry("g", j) * (z - mu) / sp.sqrt(v + sp.Rational(1, 100)), box),
        Equation("J", (), sp.Sum((u - entry("y", n, j)) ** 2 / 2, (j, 1, 3), over) / m),
    )
    system = System(
        "batch-norm",
        quantities,
        equations,
        "J",
        sizes=(m,),
        about=Description(over_samples="mean"),
    )
    both(system, tmp_path)


def test_dot_product_attention(tmp_path: Path) -> None:
    m = Maker(__import__("random").Random(0))
    i, j, k, r = (index(x) for x in "ijkr")
    length, width, inner = 3, 2, 4
    m.given("x", "input", axis("i", length), axis("k", width))
    m.given("y", "target", axis("i", length), axis("k", width))
    for name in ("A", "B"):
        m.given(name, "parameter", axis("r", inner), axis("k", width))
    m.given("C", "parameter", axis("j", width), axis("k", width))
    for name, source in (("q", "A"), ("p", "B")):
        m.define(
            name,
            (axis("i", length), axis("r", inner)),
            sp.Sum(entry(source, r, k) * entry("x", i, k), (k, 1, width)),
        )
    m.define(
        "s",
        (axis("i", length), axis("j", length)),
        sp.Sum(entry("q", i, r) * entry("p", j, r), (r, 1, inner)) / 2,
    )
    s = index("s")
    m.define(
        "a",
        (axis("i", length), axis("j", length)),
        sp.exp(entry("s", i, j)) / sp.Sum(sp.exp(entry("s", i, s)), (s, 1, length)),
    )
    value = sp.Sum(entry("C", k, r) * entry("x", j, r), (r, 1, width))
    m.define("v", (axis("j", length), axis("k", width)), value)
    m.define(
        "o",
        (axis("i", length), axis("k", width)),
        sp.Sum(entry("a", i, j) * entry("v", j, k), (j, 1, length)),
    )
    gap = entry("o", i, k) - entry("y", i, k)
    both(m.system("attention", sp.Sum(gap**2 / 2, (k, 1, width), (i, 1, length))), tmp_path)


def test_a_scalar_neuron_in_raw_equations(tmp_path: Path) -> None:
    """Plain numbers everywhere: no axis at all but the samples."""
    m = Maker(__import__("random").Random(0))
    for name, role in (
        ("x1", "input"),
        ("x2", "input"),
        ("y", "target"),
        ("w1", "parameter"),
        ("w2", "parameter"),
        ("b", "parameter"),
    ):
        m.given(name, role)
    z = entry("w1") * entry("x1") + entry("w2") * entry("x2") + entry("b")
    m.define("z", (), z)
    m.define("a", (), m.apply("sigmoid", entry("z")))
    y, a = entry("y"), entry("a")
    m.quantities = [
        q if q.name != "y" else Quantity("y", "target", facts=frozenset()) for q in m.quantities
    ]
    both(m.system("scalar", -(y * sp.log(a) + (1 - y) * sp.log(1 - a))), tmp_path)

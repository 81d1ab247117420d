"""At pre-activations of +-1000: finite, and right to 1e-12 against 50-digit arithmetic."""

from __future__ import annotations

import warnings
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp

from symbackprop.export.stable import stable_claims
from symbackprop.networks import mlp, softmax_regression
from symbackprop.numeric.arithmetic import Decimals
from symbackprop.numeric.forward import Forward
from symbackprop.numeric.gradcheck import to_decimals
from symbackprop.system.model import System

from .support import Compiled, exported, needs

PLACES = (-1000.0, -300.0, -40.0, -1.0, 0.0, 1.0, 40.0, 300.0, 1000.0)


def exact(system: System, values: dict, names: list[str]) -> tuple[float, dict]:
    """Cost and central differences of the plain forward pass in 500-digit arithmetic."""
    forward = Forward(system)
    with mpmath.workdps(500):
        known = {k: to_decimals(v) for k, v in values.items()}
        decimals = Decimals()
        base = forward.run(known, decimals)
        cost = base.cost()
        step = mpmath.mpf(10) ** -30
        found = {}
        for name in names:
            array = np.zeros(np.shape(values[name]))
            for index in np.ndindex(array.shape):
                key = (name, tuple(i + 1 for i in index))
                middle = base.entry(*key)
                up = forward.run(known, decimals, {key: middle + step}).cost()
                down = forward.run(known, decimals, {key: middle - step}).cost()
                array[index] = float((up - down) / (2 * step))
            found[name] = array
        return float(cost), found


def saturated() -> list[tuple[str, System, dict]]:
    """One layer whose pre-activation is the bias; every place, with targets at both ends."""
    cases = []
    for z in PLACES:
        for y in (0.0, 0.3, 1.0):
            weights = {"x": np.array([0.0]), "W1": np.array([[0.5]]), "b1": np.array([z])}
            cases.append(
                (
                    f"bce {z} {y}",
                    mlp([1, 1], "sigmoid", cost="bce"),
                    {**weights, "y": np.array([y])},
                )
            )
        cases.append(
            (
                f"softplus {z}",
                mlp([1, 1], "softplus", cost="half-sse"),
                {
                    "x": np.array([1.0]),
                    "W1": np.array([[0.0]]),
                    "b1": np.array([z]),
                    "y": np.array([0.25]),
                },
            )
        )
        cases.append(
            (
                f"softmax {z}",
                softmax_regression(1, 3),
                {
                    "x": np.array([1.0]),
                    "W1": np.zeros((3, 1)),
                    "b1": np.array([z, 0.0, -z / 2]),
                    "y": np.array([0.2, 0.5, 0.3]),
                },
            )
        )
    return cases


@pytest.mark.parametrize(
    ("name", "system", "values"), saturated(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_saturated(name: str, system: System, values: dict, tmp_path: Path) -> None:
    cost, gradient = exact(system, values, ["W1", "b1"])
    module = exported(system, "numpy", tmp_path)
    p = {k: values[k] for k in ("W1", "b1")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, found = module.value_and_grad(p, values["x"][None], values["y"][None])
    assert abs(value - cost) <= 1e-12 * max(1, abs(cost))
    for key, expected in gradient.items():
        error = np.abs(found[key] - expected) / np.maximum(1, np.abs(expected))
        assert error.max() <= 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("target", ["jax", "torch", "c"])
def test_saturated_elsewhere(target: str, tmp_path: Path) -> None:
    for number, (_, system, values) in enumerate(saturated()):
        cost, gradient = exact(system, values, ["b1"])
        p = {k: values[k] for k in ("W1", "b1")}
        data = [values["x"][None], values["y"][None]]
        folder = tmp_path / str(number)
        folder.mkdir()
        if target == "c":
            value, found = Compiled(system, folder).value_and_grad(p, data, [1])
        else:
            library = needs(target)
            if target == "jax":
                library.config.update("jax_enable_x64", True)
            make = library.numpy.asarray if target == "jax" else library.as_tensor
            module = exported(system, target, folder)
            value, found = module.value_and_grad(
                {k: make(v) for k, v in p.items()}, *(make(d) for d in data)
            )
        assert abs(float(value) - cost) <= 1e-12 * max(1, abs(cost))
        error = np.abs(np.asarray(found["b1"]) - gradient["b1"])
        assert (error / np.maximum(1, np.abs(gradient["b1"]))).max() <= 1e-12


def test_all_weights_of_a_saturated_4_4_4_are_finite(tmp_path: Path) -> None:
    module = exported(mlp([4, 4, 4]), "numpy", tmp_path)
    generator = np.random.default_rng(0)
    p = {k: 1000 * generator.normal(size=s) for k, s in module.SHAPES.items()}
    x, y = generator.normal(size=(3, 4)), generator.uniform(size=(3, 4))
    value, gradient = module.value_and_grad(p, x, y)
    assert np.isfinite(value)
    assert sum(v.size for v in gradient.values()) == 40
    assert all(np.all(np.isfinite(v)) for v in gradient.values())


@pytest.mark.parametrize("number", range(len(stable_claims())))
def test_every_stable_form_is_equal_to_the_plain_one(number: int) -> None:
    """At random points in 60 digits (the judge proves it; this is the everyday watch)."""
    plain, stable = stable_claims()[number]
    generator = np.random.default_rng(number)
    symbols = sorted(plain.free_symbols | stable.free_symbols, key=str)
    for _ in range(20):
        at = {s: sp.Rational(int(generator.integers(-300, 300)), 100) for s in symbols}
        assert abs(sp.N((plain - stable).subs(at), 60)) < sp.Float("1e-50")

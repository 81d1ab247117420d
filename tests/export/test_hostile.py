"""Names and texts of strangers never become code."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from symbackprop.errors import SymbackpropError
from symbackprop.export.names import Names, identifier
from symbackprop.export.plain import plain, safe
from symbackprop.export.source import export_source
from symbackprop.networks import mlp
from symbackprop.networks.activations import Activation
from symbackprop.system.model import (
    Axis,
    Description,
    Equation,
    Fact,
    Function,
    Quantity,
    System,
    entry,
    index,
)

from .support import FLAGS, load, needs_compiler

pytestmark = pytest.mark.slow

NASTY = (
    '"""\nimport os; os.system("touch HACKED")\n"""',
    "*/ int hacked = 1; /*",
    "x; import os",
    "a\\\nb",
    "'+__import__('os').getcwd()+'",
    "\u2028raise SystemExit(3)",
    "??/\nint x;",
    "{0.__class__}",
    "\x00\x1b[31m",
)

KEYWORDS = (
    "lambda",
    "class",
    "def",
    "None",
    "np",
    "cost",
    "parameters",
    "for",
    "int",
    "double",
    "exp",
    "main",
    "m_",
    "T1",
    "print",
    "workspace",
    "gradient",
    "restrict",
    "y0",
)


def system_named(
    x: str,
    w: str,
    b: str,
    y: str,
    j: str = "J",
    name: str = "s",
    title: str = "t",
    function: str = "f1",
    letter: str = "j",
    meaning: str = "",
) -> System:
    """J = 1/2 sum(j, (f(w[j]*x[j] + b) - y[j])**2) with the given names."""
    i = index(letter)
    axis = Axis(i, sp.Integer(2))
    u = sp.Symbol("u", real=True)
    f = Function(function, u, u / (1 + u**2))
    body = f(entry(w, i) * entry(x, i) + entry(b)) - entry(y, i)
    return System(
        name,
        (
            Quantity(x, "input", (axis,), meaning=meaning),
            Quantity(w, "parameter", (axis,)),
            Quantity(b, "parameter"),
            Quantity(y, "target", (axis,), facts=frozenset({Fact("in (0,1)")})),
            Quantity(j, "cost"),
        ),
        (Equation(j, (), sp.Sum(body**2 / 2, (i, 1, 2)), label=meaning),),
        j,
        functions=(f,),
        about=Description(title=title),
    )


def fields() -> list[tuple[str, str]]:
    return [
        (field, text)
        for field in ("x", "w", "b", "y", "j", "name", "title", "function", "letter", "meaning")
        for text in NASTY
    ]


@pytest.mark.parametrize(("field", "text"), fields())
def test_no_text_field_injects_code(field: str, text: str, tmp_path: Path) -> None:
    names = {"x": "x", "w": "w", "b": "b", "y": "y", field: text}
    try:
        system = system_named(**names)
    except (SymbackpropError, ValueError):
        return  # refused before any code is made (SymPy itself refuses a null character)
    try:
        sources = {t: export_source(system, t) for t in ("numpy", "jax", "torch", "c")}
    except SymbackpropError:
        return
    for target in ("numpy", "jax", "torch"):
        tree = ast.parse(str(sources[target]))
        imports = {
            name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for name in node.names
        }
        assert imports <= {"numpy", "jax", "jax.numpy", "torch", "os"}
        assert not any(
            isinstance(node, ast.Name | ast.Attribute)
            and getattr(node, "id", getattr(node, "attr", "")) in ("system", "__import__", "getcwd")
            for node in ast.walk(tree)
        )
        assert str(sources[target]).isascii()
    module = load(str(sources["numpy"]), tmp_path)
    assert module._self_check()[0] < 1e-7
    files = sources["c"]
    assert isinstance(files, dict)
    assert "hacked" not in "".join(strip_comments(t) for t in files.values())


def strip_comments(text: str) -> str:
    parts = text.split("/*")
    return parts[0] + "".join(p.split("*/", 1)[1] for p in parts[1:])


@pytest.mark.parametrize("word", KEYWORDS)
def test_names_that_are_words_of_the_target(word: str, tmp_path: Path) -> None:
    compiler = needs_compiler()
    for field in ("x", "w", "b"):
        names = {"x": "x", "w": "w", "b": "b", "y": "y", field: word}
        system = system_named(**names)
        module = load(str(export_source(system, "numpy")), tmp_path)
        assert module._self_check()[0] < 1e-7
        assert word in {**module.SHAPES, **module.INPUTS}
        files = export_source(system, "c")
        assert isinstance(files, dict)
        for file, text in files.items():
            (tmp_path / file).write_text(text)
        subprocess.run(
            [compiler, *FLAGS, "-DNETWORK_MAIN", "network.c", "-lm", "-o", "check"],
            cwd=tmp_path,
            check=True,
        )
        subprocess.run(["./check"], cwd=tmp_path, check=True, capture_output=True)


def test_identifiers() -> None:
    assert identifier("d.z1") == "d_z1"
    assert identifier("1x") == "v1x"
    assert identifier("δ") == "u03b4"
    assert identifier("a b;c") == "au0020bu003bc"
    names = Names(["np"])
    assert [names["np"], names["for"], names["d.z"], names["d_z"]] == ["np_", "for_", "d_z", "d_z_"]
    with pytest.raises(SymbackpropError, match="too long"):
        identifier("x" * 5000)


def test_comments_stay_on_one_line() -> None:
    for text in NASTY:
        made = safe(text)
        assert made.isascii()
        assert made.isprintable()
        for end in ("*/", "/*", '"""', "\\", "??"):
            assert end not in made
    x = sp.Symbol("a\nb", real=True)
    assert "\n" not in safe(plain(x + 1))


def test_a_function_of_a_stranger_that_looks_like_ours(tmp_path: Path) -> None:
    """A user's 'sigmoid' that is another function is computed by its own formula."""
    z = sp.Symbol("z", real=True)
    own = Activation("sigmoid", 1 / (2 + sp.exp(-z)), z)
    system = mlp([2, 3, 1], own, output_activation="identity", cost="half-sse")
    module = load(str(export_source(system, "numpy")), tmp_path)
    assert module._self_check()[0] < 1e-7


def test_a_primitive_cannot_be_named_by_a_stranger() -> None:
    u = sp.Symbol("u", real=True)
    f = Function("logistic_", u, u**2)
    base = system_named("x", "w", "b", "y")
    i = index("j")
    body = (f(entry("w", i) * entry("x", i)) - entry("y", i)) ** 2
    system = replace(base, functions=(f,), equations=(Equation("J", (), sp.Sum(body, (i, 1, 2))),))
    text = str(export_source(system, "numpy"))
    assert "tanh" not in text

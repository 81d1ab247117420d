"""Systems of equations that have no derivation: a message, never a defect of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.in_process import InProcess

SPEC = """
name = "p"
[axes]
i = 3
[quantities]
x = {{ role = "input", axes = "i" }}
w = {{ role = "parameter", axes = "i" }}
b = {{ role = "parameter" }}
[system]
cost = "J"
equations = [{}]
"""


@pytest.mark.parametrize("command", ["derive", "gradcheck"])
@pytest.mark.parametrize(
    ("equations", "said"),
    [
        ('"z[i] = w[i]*x[i] + b", "J = prod(i, z[i])"', ":11:43"),
        ('"J = sum(i, w[i]*x[i])*b*1e400"', "outside double precision"),
        ('"J = sum(i, w[i]*x[i])*b*1e-400"', "outside double precision"),
        ('"J = sqrt(sum(i, w[i]*x[i])*b - 100)"', "at the values of"),
        ('"J = sum(i, w[i]*x[i])*b", "dead[i] = x[i]^2"', "does not depend on it"),
        ('"J = sum(i, w[i]*x[i])*b", "u = v", "v = b"', "'v' is defined, but the cost J"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_refused(
    program: InProcess, tmp_path: Path, command: str, equations: str, said: str
) -> None:
    spec = tmp_path / "p.toml"
    spec.write_text(SPEC.format(equations), encoding="utf-8")
    assert said in program.refused(command, str(spec))


@pytest.mark.parametrize("command", ["derive", "gradcheck"])
def test_without_a_parameter(program: InProcess, tmp_path: Path, command: str) -> None:
    spec = tmp_path / "nop.toml"
    spec.write_text(
        'name = "nop"\n[quantities]\nx = { role = "input" }\n'
        '[system]\ncost = "J"\nequations = ["J = x^2"]\n',
        encoding="utf-8",
    )
    assert "no parameter" in program.refused(command, str(spec))

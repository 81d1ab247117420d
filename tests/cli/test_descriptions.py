"""TOML descriptions from strangers: every mistake in its place, names that are only letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.in_process import InProcess

HEAD = '[quantities]\nw = { role = "parameter" }\n[system]\ncost = "J"\n'


def written(folder: Path, text: str) -> str:
    path = folder / "given.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_three_mistakes_are_reported_together_with_carets(
    program: InProcess, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        '[axes]\ni = "n"\nj = "m"\n[quantities]\nx = { role = "input", axes = "i" }\n'
        'W = { role = "parameter", axes = "j,i" }\n[system]\ncost = "J"\nequations = [\n'
        '  "z[j] = sum(i, W[j,i]*q[i])",\n  "u[j] = foo(z[j])",\n  "J = sum(j, z[k]*x[j])",\n]\n',
    )
    message = program.refused("derive", file)
    for line, column, word in ((10, 25, "q"), (11, 11, "foo"), (12, 17, "k")):
        assert f"given.toml:{line}:{column}" in message
        assert f"'{word}'" in message
    assert message.count("^") >= 3


def test_three_wrong_options(program: InProcess, tmp_path: Path) -> None:
    file = written(tmp_path, 'sizes = [2, 2]\nactivation = "sigmod"\ncost = "bec"\nbias = "foo"\n')
    message = program.refused("derive", file)
    for said in (":2:14", ":3:8", ":4:8", "sigmoid?", "bce?", "unknown bias"):
        assert said in message


@pytest.mark.parametrize(
    "name",
    ["../../etc/x", "a\\\\b", "a$b|c", "a\\nb", "a\\u202eb", "", "..", "x" * 200, "~/x", "a b"],
)
def test_names_that_leave_the_folder_or_break_a_document(
    program: InProcess, tmp_path: Path, name: str
) -> None:
    file = written(tmp_path, f'name = "{name}"\nsizes = [2, 2]\n')
    assert "cannot be the name of a network" in program.refused("derive", file, "-o", str(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["given.toml"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sizes = [2]\n",
        "sizes = [0, -2]\n",
        "sizes = [2.5, 2]\n",
        "sizes = [true, 2]\n",
        "sizes = [2, 2]\nsizes = [3, 3]\n",
        "sizes = [2, 2",
        "sizes = [2, 2]\n[values]\nW1 = [[1, 2], [3]]\n",
        "sizes = [2, 2]\n[values]\nW1 = [[nan, inf], [1, 2]]\n",
        "sizes = [2, 2]\n[values]\nQ = 1\n",
        "sizes = [2, 2]\nlearning_rate = -1\n",
        'sizes = [2, 2]\nlearning_rate = "x"\n',
        'sizes = [2, 2]\nnotation = "nope"\n',
        "sizes = " + "[" * 3000,
        HEAD + 'equations = ["J = ' + "(" * 300 + "w" + ")" * 300 + '"]\n',
        HEAD + 'equations = ["J = w^1000000000"]\n',
        HEAD + 'equations = ["J = w*2^(9^(9^9))"]\n',
        HEAD + 'equations = ["J = w/0"]\n',
        HEAD + 'equations = ["J = log(0)*w"]\n',
        HEAD + 'equations = ["J = J + w"]\n',
        HEAD + "equations = [\"J = w*__import__('os').system('id')\"]\n",
    ],
)
def test_descriptions_of_nothing(program: InProcess, tmp_path: Path, text: str) -> None:
    program.refused("derive", written(tmp_path, text))


def test_a_wrong_number_is_called_a_number(program: InProcess, tmp_path: Path) -> None:
    message = program.refused("derive", written(tmp_path, 'sizes = [2, 2]\nlearning_rate = "x"\n'))
    assert "'learning_rate': a number is expected" in message
    message = program.refused("derive", written(tmp_path, "sizes = [2.5, 2]\n"))
    assert "'sizes': a whole number is expected" in message
    assert "in quotes" not in message


def test_notation_and_rate_of_a_description_are_used(program: InProcess, tmp_path: Path) -> None:
    file = written(tmp_path, 'sizes = [2, 2]\nnotation = "nielsen"\nlearning_rate = 0.125\n')
    assert program("derive", file) == 0
    assert "with the rate 0.125" in program.out
    assert r"\frac{\partial C}" in program.out
    assert program("derive", file, "--notation", "chang") == 0
    assert r"\frac{\partial J}" in program.out


@pytest.mark.parametrize(
    ("head", "equations"),
    [
        (HEAD, ["J = w*w + 1"]),
        (HEAD, ["J = " + " + ".join(["w"] * 500)]),
        (HEAD.replace("w =", "eta ="), ["J = eta^2"]),
        (
            '[axes]\nt = "5"\ns = "2"\nu = "7"\n[quantities]\nx = { role = "input", axes = "u" }\n'
            'w = { role = "parameter", axes = "s" }\ng = { role = "target", axes = "t" }\n'
            '[system]\ncost = "J"\n',
            ["y[t] = sum(s, w[s]*x[t+s])", "J = sum(t, (y[t] - g[t])^2)/2"],
        ),
        (
            '[quantities]\nw = { role = "parameter" }\nv = { role = "input" }\n[system]\ncost = "J"\n'
            'functions = ["g(z) = where(z > 1, z^2, where(z > 0, z, 0.1*z))"]\n',
            ["z = g(w*v)", "J = (z - 1)^2"],
        ),
    ],
    ids=["only a cost", "500 terms", "a parameter named eta", "convolution", "by cases"],
)
def test_unusual_systems_are_derived(
    program: InProcess, tmp_path: Path, head: str, equations: list[str]
) -> None:
    listed = ", ".join(f'"{e}"' for e in equations)
    assert program("derive", written(tmp_path, f"{head}equations = [{listed}]\n")) == 0, program.err
    assert "statements in this document were checked" in program.out
    assert "\\begin{aligned}\n\n\\end{aligned}" not in program.out

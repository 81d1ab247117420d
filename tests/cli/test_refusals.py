"""Bad input ends in a message that says what to do, exit code 2, and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.in_process import InProcess

HUGE = "1000000000-1000000000-10"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("derive", "chagn"), "did you mean chang?"),
        (("derive", ""), "known: "),
        (("derive", "2-2", "--activation", "sigmod"), "did you mean sigmoid?"),
        (("derive", "2-2", "--cost", "bec"), "did you mean bce?"),
        (("derive", "2-2", "--notation", "chnag"), "did you mean chang?"),
        (("derive", "2-2", "--view", "matix"), "did you mean matrix?"),
        (("derive", "2-2", "--lang", "fr"), "known: en, zh-Hans"),
        (("derive", "2-2", "--format", "pdf"), "known: json, md, tex"),
        (("derive", "2-2", "--bias", "unt"), "did you mean unit?"),
        (("export", "2-2", "--to", "numpi"), "did you mean numpy?"),
        (("list", "netwoks"), "did you mean networks?"),
        (("lst",), "did you mean list?"),
        (("explain", "R999"), "unknown finding code"),
        (("verify", "--network", "chagn", "/dev/null"), "did you mean chang?"),
        (("verify", "--notation", "chnag", "/dev/null"), "did you mean chang?"),
    ],
)
def test_unknown_names(program: InProcess, args: tuple[str, ...], said: str) -> None:
    assert said in program.refused(*args)


@pytest.mark.parametrize(
    "args",
    [
        ("derive", "2-2", "--view", ""),
        ("derive", "2-2", "--view", "matrix,"),
        ("derive", "2-2", "--format", ""),
        ("derive", "2-2", "--format", "md,tex"),  # two documents, one terminal
        ("derive", "2-2", "-o", ""),
        ("export", "2-2"),
        ("export", "2-2", "--to", "c", "-o", "gradient.py"),
        ("gradcheck", "2-2", "--seed", "-1"),
        ("gradcheck", "2-2", "--tolerance", "nan"),
        ("gradcheck", "2-2", "--tolerance", "-1"),
        ("verify",),
        ("verify", ""),
        ("verify", "--budget", "0", "/dev/null"),
        ("verify", "--budget", "nan", "/dev/null"),
        ("derive", "chang", "extra"),
        ("derive", "chang", "--activation", "tanh"),
        ("derive", "x" * 100_000),
        ("derive", "2-2", "--activation", "x" * 100_000),
    ],
)
def test_options_that_mean_nothing(program: InProcess, args: tuple[str, ...]) -> None:
    message = program.refused(*args)
    assert len(message) < 1000


@pytest.mark.parametrize(
    "sizes",
    ["0-2-1", "2-0-1", "2", "2-", "2--2", "2-2.5-1", "99999999999999999999-2", "²-2", "１-２"],
)
def test_sizes_that_are_none(program: InProcess, sizes: str) -> None:
    program.refused("derive", sizes)


@pytest.mark.parametrize("count", ["0", "-3", "", "3.5", "a b", "J", "x", "W1", "__import__('os')"])
def test_counts_of_samples_that_are_none(program: InProcess, count: str) -> None:
    program.refused("derive", "2-2", "--samples", count)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--cost", "softmax-ce", "--output-activation", "sigmoid"), "no activation of its own"),
        (("--cost", "bce", "--activation", "relu"), "outputs in (0,1)"),
        (("--cost", "poisson", "--output-activation", "tanh"), "positive outputs"),
    ],
)
def test_contradictions(program: InProcess, options: tuple[str, ...], said: str) -> None:
    assert said in program.refused("derive", "2-2-2", *options)


def test_views_that_a_network_has_not(program: InProcess) -> None:
    assert "--view index" in program.refused("derive", "elman", "--view", "neuron")
    assert "layered network" in program.refused("derive", "elman", "--notation", "chang")


@pytest.mark.slow
def test_work_that_no_machine_can_do(program: InProcess) -> None:
    assert "at most" in program.refused("derive", HUGE, "--view", "neuron")
    assert "at most" in program.refused("derive", "-".join(["2"] * 1000))
    assert "at most" in program.refused("derive", "-".join(["2"] * 1000), "--view", "matrix")
    assert "at most" in program.refused("gradcheck", HUGE)
    assert "at most" in program.refused("gradcheck", "1000-1000-10")
    assert "at most" in program.refused("export", HUGE, "--to", "c")


def test_files_that_cannot_be_read(program: InProcess, tmp_path: Path) -> None:
    assert "there is no file" in program.refused("derive", str(tmp_path / "none.toml"))
    assert "folder" in program.refused("derive", str(tmp_path))
    assert "cannot read" in program.refused("verify", str(tmp_path / "none.md"))
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in program.refused("derive", str(broken))


@pytest.mark.parametrize("command", [("derive", "2-2", "-o"), ("gallery", "-o")])
def test_folders_that_cannot_be_written(
    program: InProcess, tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for place in (str(file), str(file / "inside"), "/proc/x"):
        assert "cannot write" in program.refused(*command, place)
    assert file.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_bad_format_is_said_before_anything_is_written(
    program: InProcess, tmp_path: Path
) -> None:
    program.refused("derive", "2-2", "--format", "md,pdf", "-o", str(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []

"""How the program ends: interrupted while it starts, refuted by its judge, in an unwritable place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from symbackprop import api
from symbackprop.cli import main as program_module
from symbackprop.errors import FalseStatement
from tests.cli.in_process import InProcess

INTERRUPTED_AT_START = """
import builtins, os, signal
real = builtins.__import__
def hooked(name, *rest):
    if name == "symbackprop.cli.main":
        os.kill(os.getpid(), signal.SIGINT)
    return real(name, *rest)
builtins.__import__ = hooked
signal.signal(signal.SIGINT, signal.default_int_handler)
from symbackprop.cli.start import main
main()
"""


def test_an_interrupt_during_the_imports_is_quiet() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT_START], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 130
    assert done.stdout == done.stderr == ""


def test_a_refuted_statement_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuted(*_: object, **__: object) -> None:
        raise FalseStatement("a = b is false")

    monkeypatch.setattr(api, "network", refuted, raising=False)
    monkeypatch.setattr(sys, "argv", ["symbackprop", "derive", "chang"])
    assert program_module._run() == 1
    assert "a = b is false" in capsys.readouterr().err


def test_an_unwritable_place_is_called_by_its_name(program: InProcess, tmp_path: Path) -> None:
    place = tmp_path / "a file"
    place.write_text("")
    message = program.refused("export", "2-2", "--to", "numpy", "-o", str(place / "grad.py"))
    assert "grad.py" in message
    assert ".part" not in message


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad"])
def test_characters_that_are_not_seen_in_a_title(
    program: InProcess, tmp_path: Path, hidden: str
) -> None:
    spec = tmp_path / "net.toml"
    spec.write_text(f'sizes = [2, 2]\ntitle = "a{hidden}b"\n', encoding="utf-8")
    message = program.refused("derive", str(spec))
    assert f"U+{ord(hidden):04X}" in message
    assert "net.toml:2:9" in message
    assert hidden not in message


def test_an_unknown_notation_of_a_file_has_its_place(program: InProcess, tmp_path: Path) -> None:
    spec = tmp_path / "net.toml"
    spec.write_text('sizes = [2, 2]\nnotation = "nielsn"\n', encoding="utf-8")
    message = program.refused("derive", str(spec))
    assert "net.toml:2:12" in message
    assert "did you mean nielsen?" in message

"""The program as a process: interrupts, closed pipes, odd locales, what it loads."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import refused, run

pytestmark = pytest.mark.slow  # each test starts the program anew

PROGRAM = [sys.executable, "-m", "symbackprop"]


def loaded(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `code`."""
    shown = f"{code}\nimport sys\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", shown], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


HEAVY = {"sympy", "numpy", "mpmath", "flint", "jinja2", "pydantic", "rich"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded("import symbackprop; symbackprop.__version__; dir(symbackprop)") & HEAVY


def test_help_loads_click_only() -> None:
    for args in (["--help"], ["derive", "--help"], ["verify", "--help"], ["--version"]):
        code = (
            "import contextlib, io, sys\nfrom symbackprop.cli.main import main\n"
            f"sys.argv = ['symbackprop', *{args!r}]\n"
            "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()"
        )
        assert not loaded(code) & HEAVY


def test_deriving_loads_neither_numpy_nor_pydantic() -> None:
    code = "import symbackprop.api\nsymbackprop.api.derive('chang-neuron').text('md')"
    assert not loaded(code) & {"numpy", "pydantic", "rich", "click"}


def test_wide_layers_cost_nothing() -> None:
    """10**9 neurons in the matrix view: no step depends on the number."""
    start = time.monotonic()
    found = run("derive", "1000000000-1000000000-10", "--view", "matrix")
    assert found.code == 0
    assert "1000000000" in found.out
    assert time.monotonic() - start < 20


def test_any_number_of_samples_costs_nothing() -> None:
    assert run("derive", "2-2-2", "--samples", "99999999999999999").code == 0


def test_a_reader_that_leaves_is_no_error() -> None:
    with subprocess.Popen(
        [*PROGRAM, "derive", "chang"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(60) == 0
    assert err == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, "list", "networks"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert b"cannot write to standard output" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("delay", [0.5, 1.0, 1.4])
def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path, delay: float) -> None:
    out = tmp_path / "out"
    with subprocess.Popen(
        [*PROGRAM, "gallery", "-o", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A test run in the background of a shell ignores Ctrl-C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.decode().strip().splitlines() == [
        "symbackprop: interrupted; nothing half-written is left"
    ]
    for path in out.iterdir() if out.exists() else ():
        assert path.suffix in (".md", ".tex", ".json")
        assert path.stat().st_size > 1000


def test_a_poor_locale_still_gets_utf_8() -> None:
    poor = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
        "PYTHONCOERCECLOCALE": "0",
    }
    assert "反向传播" in run("derive", "2-2", "--lang", "zh-Hans", environment=poor).out


def test_warnings_are_no_errors() -> None:
    """With every warning an error the program does the same: it causes none."""
    strict = {"PYTHONWARNINGS": "error"}
    for args in (
        ("derive", "chang", "--format", "tex"),
        ("gradcheck", "2-2"),
        ("export", "2-2-2", "--to", "numpy"),
        ("export", "2-2-2", "--to", "c"),
    ):
        assert run(*args, environment=strict).code == 0, args


def test_an_installation_that_cannot_be_written(tmp_path: Path) -> None:
    """Compiled templates cannot be kept there; the documents are the same."""
    source = Path(__file__).parents[2]
    place = tmp_path / "site"
    shutil.copytree(
        source / "symbackprop", place / "symbackprop", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(
        source / "templates",
        place / "symbackprop" / "templates",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    # A file where the folder of compiled templates would be: unwritable for root too.
    (place / "symbackprop" / "templates" / "__pycache__").write_text("")
    code = "import symbackprop.documents.templates as t; print(t.templates_folder())"
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, env=environment, cwd=tmp_path, check=True,
    )  # fmt: skip
    if not shown.stdout.startswith(str(place)):
        pytest.skip("an editable installation goes before PYTHONPATH here")
    done = subprocess.run(
        [*PROGRAM, "derive", "chang-neuron"],
        capture_output=True, env=environment, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == run("derive", "chang-neuron").out


def test_the_last_of_repeated_options_counts() -> None:
    twice = run(
        "derive", "2-2", "--activation", "relu", "--activation", "tanh", "--cost", "half-sse"
    )
    assert twice.out == run("derive", "2-2", "--activation", "tanh", "--cost", "half-sse").out


def test_formats_named_twice_are_written_once(tmp_path: Path) -> None:
    found = run("derive", "2-2", "--format", " md ,md", "-o", str(tmp_path))
    assert found.code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["2-2.md"]


def test_a_defect_is_reported_without_a_traceback(tmp_path: Path) -> None:
    code = (
        "import sys, symbackprop.api.registries as registries\n"
        "def broken(kind): raise ZeroDivisionError('planted')\n"
        "registries.listing = broken\n"
        "sys.argv = ['symbackprop', 'list', 'networks']\n"
        "from symbackprop.cli.main import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert "a defect of this program: ZeroDivisionError: planted" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_module_is_the_command() -> None:
    assert "chang-neuron" in run("list", "networks").out
    assert "did you mean" in refused("derive", "chagn")

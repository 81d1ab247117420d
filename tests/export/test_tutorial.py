"""The tutorial's code runs as it is printed, and learns what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial-export.md"


def parts() -> dict[str, str]:
    text = TUTORIAL.read_text(encoding="utf-8")
    found = re.findall(r"<!-- test: (\w+) -->\n```python\n(.*?)```", text, re.DOTALL)
    return dict(found)


def lines_of(code: str) -> int:
    return sum(1 for line in code.splitlines() if line.strip())


def run(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_xor_is_learned(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    check = "\nassert np.abs(outputs - y).max() < 0.05 and cost < 0.1\n"
    run(parts()["xor"] + check, tmp_path)


@pytest.mark.slow
def test_digits_above_95_percent_in_under_40_lines(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("sklearn")
    code = parts()
    functions = code["xor"].split("x = np.array")[0]
    whole = functions + code["digits"]
    assert lines_of(whole) < 40
    out = run(whole + "\nassert accuracy > 0.95, accuracy\n", tmp_path)
    assert "accuracy" in out

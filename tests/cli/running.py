"""Runs the program as a person does: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str


def run(
    *args: str,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Run:
    """`symbackprop ARGS`; whatever happens, no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "symbackprop", *args],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        timeout=seconds,
        check=False,
    )
    found = Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
    assert "Traceback" not in found.err, found.err
    return found


def refused(*args: str, cwd: Path | None = None) -> str:
    """The message of a refusal: exit code 2, nothing on standard output, no defect of ours."""
    found = run(*args, cwd=cwd)
    assert found.code == 2, (args, found)
    assert found.out == ""
    assert "a defect of this program" not in found.err
    return found.err

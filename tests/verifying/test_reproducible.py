"""The report of a document is the same from run to run, whatever the order of Python's sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

STRANGERS = Path(__file__).parent / "strangers"
PROGRAM = """
import json, sys
from pathlib import Path
from symbackprop.verifying.verify import verify
reports = [verify(Path(name), budget=20).json() for name in sys.argv[1:]]
print(json.dumps(reports, sort_keys=True))
"""


@pytest.mark.slow
def test_the_hash_seed_changes_nothing() -> None:
    files = [
        str(STRANGERS / name) for name in ("bishop-wrong.tex", "bptt-wrong.md", "softmax-wrong.md")
    ]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, *files],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1

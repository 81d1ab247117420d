"""Every finding code has its row in the table of the docs, and no other code is ever given."""

from __future__ import annotations

import re
from pathlib import Path

import symbackprop.verifying
from symbackprop.verifying.codes import BY_REPAIR, CODES

ROOT = Path(symbackprop.verifying.__file__).parent
DOCS = Path(__file__).parents[2] / "docs" / "codes.md"


def rows() -> dict[str, tuple[str, str]]:
    found = re.findall(
        r"^\| ([A-Z]\d{3}) \| (.*?) \| `(.*)` \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {code: (meaning, example.replace("\\|", "|")) for code, meaning, example in found}


def test_the_docs_have_every_code_with_its_meaning():
    assert rows() == CODES


def test_every_code_that_is_given_is_in_the_table():
    given = set(BY_REPAIR.values())
    for path in ROOT.rglob("*.py"):
        given |= set(re.findall(r"\"([A-Z][1-5]\d\d)\"", path.read_text(encoding="utf-8")))
    assert given <= set(CODES)
    assert {"R101", "N504", "N505", "M217"} <= given

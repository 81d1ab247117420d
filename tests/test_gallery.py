"""The gallery in output/ is what the program writes today, byte for byte, and every built-in is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.api import derive
from symbackprop.networks.builtins import BUILTINS

GALLERY = Path(__file__).parents[1] / "output"


def test_every_built_in_has_its_documents() -> None:
    expected = {f"{name}.{suffix}" for name in BUILTINS for suffix in ("md", "tex", "json")}
    assert {path.name for path in GALLERY.iterdir()} == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_the_gallery_is_reproduced(name: str) -> None:
    """Regenerate with `symbackprop gallery`, then read the difference before committing it."""
    derivation = derive(name)
    for suffix in ("md", "tex", "json"):
        stored = (GALLERY / f"{name}.{suffix}").read_text(encoding="utf-8")
        assert derivation.text(suffix) == stored, f"output/{name}.{suffix} is out of date"


def test_a_document_is_the_same_twice() -> None:
    """Byte-reproducible: no time, no address, no order of a set."""
    assert derive("chang-neuron").text("tex") == derive("chang-neuron").text("tex")

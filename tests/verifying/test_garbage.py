"""The thresholds of garbage collection are as they were after a document was verified."""

from __future__ import annotations

import gc

import pytest

from symbackprop.errors import SymbackpropError
from symbackprop.verifying.garbage import RARER, rarer_collections
from symbackprop.verifying.verify import verify


@pytest.fixture(autouse=True)
def restored():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize("thresholds", [(700, 10, 10), (0, 10, 10), (50_000, 5, 90)])
def test_as_before(thresholds: tuple[int, int, int]) -> None:
    gc.set_threshold(*thresholds)
    verify("$z = w x$")
    assert gc.get_threshold() == thresholds


def test_also_after_an_error() -> None:
    gc.set_threshold(700, 10, 10)
    with pytest.raises(SymbackpropError):
        verify("$z = w x$", network="no such network")
    assert gc.get_threshold() == (700, 10, 10)


def test_one_inside_another() -> None:
    gc.set_threshold(700, 10, 10)
    with rarer_collections():
        with rarer_collections():
            assert gc.get_threshold() == RARER
        assert gc.get_threshold() == RARER
    assert gc.get_threshold() == (700, 10, 10)

"""Rarer collections of garbage while documents are verified.

Judging makes many small objects, nearly all of which are freed at once or kept in bounded memories. With the usual
thresholds Python looks through all that is kept again and again: a tenth of the time.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

RARER = (20_000, 20, 50)

_lock = threading.Lock()
_running = 0
_before = gc.get_threshold()


@contextmanager
def rarer_collections() -> Iterator[None]:
    """Raises the thresholds, for all threads, until the last one that asked for it has ended."""
    global _running, _before
    with _lock:
        if not _running:
            _before = gc.get_threshold()
        if not _running and _before[0]:  # 0: whoever calls does not want any
            gc.set_threshold(*(max(a, b) for a, b in zip(RARER, _before, strict=True)))
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if not _running:
                gc.set_threshold(*_before)


__all__ = ["rarer_collections"]

"""The entry point: Ctrl-C ends the program quietly even while its modules are imported."""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130
"""What shells call a program that Ctrl-C ended (128 + SIGINT)."""


def main() -> None:
    """Run `symbackprop`. Until the command itself begins there is nothing to tidy up."""
    before = signal.signal(signal.SIGINT, leave)
    from symbackprop.cli.main import main as run

    signal.signal(signal.SIGINT, before)
    run()


def leave(number: int, frame: FrameType | None) -> None:
    """End at once, without a word."""
    os._exit(INTERRUPTED)

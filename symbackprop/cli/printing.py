"""What the commands write: documents to standard output, news to standard error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TextIO

from symbackprop.errors import FileError


class ReaderLeft(Exception):
    """Whoever read standard output has seen enough (`| head -1`): no error."""


def prepare() -> None:
    """Documents are UTF-8 whatever the locale says; news never fails for a letter."""
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            encoding = "utf-8" if stream is sys.stdout else None
            stream.reconfigure(encoding=encoding, errors=errors)


def emit(text: str) -> None:
    """Write `text` to standard output, whole. Raises ReaderLeft, FileError."""
    if sys.stdout is None:
        raise FileError("standard output is closed", hint="write to a file with -o")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget(sys.stdout)
        raise ReaderLeft from None
    except OSError as error:
        _forget(sys.stdout)
        raise FileError(f"cannot write to standard output: {error.strerror or error}") from error


def say(text: str) -> None:
    """News for the person at the terminal; lost news is no error."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        _forget(sys.stderr)


def progress() -> Callable[[str], None] | None:
    """Where to tell what is being done: standard error, if a person is looking."""
    return say if sys.stderr is not None and sys.stderr.isatty() else None


def _forget(stream: TextIO) -> None:
    """What is still in the stream's buffer goes nowhere, so that the interpreter ends quietly."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
    except (OSError, ValueError):
        pass

"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from symbackprop.errors import FileError, printable


def write_atomically(path: str | Path, text: str) -> None:
    """Write under a temporary name in the same folder, then rename. Raises FileError."""
    target = Path(path)
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".symbackprop-", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, target)
    except OSError as error:
        raise FileError(
            f"cannot write '{printable(str(target))}': {error.strerror or error}",
            hint="choose another folder with -o",
        ) from error
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)

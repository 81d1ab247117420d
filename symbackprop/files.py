"""Files appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from symbackprop.errors import FileError, printable


def write_atomically(path: Path | str, text: str) -> None:
    """Write under a temporary name in the same folder, then rename. Raises FileError.

    Missing folders above the file are made. If anything fails, or the run is interrupted, the old file
    stands as it was and no half-written one is left.
    """
    write_all({Path(path): text})


def write_all(files: Mapping[Path, str]) -> None:
    """Several files: all are written under temporary names before the first is renamed."""
    waiting: list[tuple[str, Path]] = []
    path = next(iter(files), Path())
    try:
        for path, text in files.items():
            waiting.append((_temporary(path, text), path))
        while waiting:
            temporary, path = waiting[0]
            os.replace(temporary, path)
            waiting.pop(0)
    except OSError as error:
        # The name that was asked for: nobody knows the temporary one.
        said = error.strerror or str(error)
        raise FileError(f"cannot write {printable(str(path), 200)}: {said}") from error
    finally:
        for temporary, _ in waiting:
            if os.path.exists(temporary):
                os.unlink(temporary)


def _temporary(path: Path, text: str) -> str:
    if path.is_dir():
        raise FileError(f"cannot write {printable(str(path), 200)}: it is a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        # mkstemp makes files that only the owner may read; give them the usual permissions.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
    except BaseException:
        os.unlink(name)
        raise
    return name

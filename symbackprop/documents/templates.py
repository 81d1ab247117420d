"""Where the templates are, and the Jinja2 environments over them."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
)

from symbackprop.errors import UnknownName


@cache
def templates_folder() -> Path:
    """The folder inside the installed package, or the one at the top of the source tree."""
    packaged = Path(str(files("symbackprop"))) / "templates"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "templates"


@cache
def _bytecode() -> BytecodeCache | None:
    """Compiled templates beside the templates, as Python keeps compiled modules; None if unwritable."""
    folder = templates_folder() / "__pycache__"
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


@cache
def text_environment() -> Environment:
    """For prose and Markdown: the usual delimiters."""
    return Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        autoescape=False,  # the targets are Markdown and LaTeX; Marks.escape does their escaping
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_bytecode(),
    )


@cache
def latex_environment() -> Environment:
    """For LaTeX: delimiters that LaTeX does not use."""
    return Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        bytecode_cache=_bytecode(),
    )


def languages() -> tuple[str, ...]:
    """The languages that have a prose file."""
    return tuple(sorted(p.parent.name for p in templates_folder().glob("*/prose.j2")))


@cache
def language_macros(language: str) -> Any:
    """The module of a language's macros. Raises UnknownName."""
    if language not in languages():
        raise UnknownName("language", language, languages())
    return text_environment().get_template(f"{language}/prose.j2").module

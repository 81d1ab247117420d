"""The space between Chinese text and inline mathematics in Markdown.

Markdown readers decide by the neighbouring characters whether a `$` opens mathematics. Several do
not take a Chinese letter, and GitHub not even a full-width comma, for a border: a space is one
everywhere.
"""

from __future__ import annotations

import re

MATHEMATICS = re.compile(r"\$`[^`]*`\$|(?<!\\)\$(?:\\.|[^$\\])+\$")


def spaced(text: str) -> str:
    """The text with a space wherever inline mathematics touches a wide character."""
    parts: list[str] = []
    end = 0
    for found in MATHEMATICS.finditer(text):
        parts.append(text[end : found.start()])
        if found.start() > 0 and wide(text[found.start() - 1]):
            parts.append(" ")
        parts.append(found.group())
        end = found.end()
        if end < len(text) and wide(text[end]):
            parts.append(" ")
    parts.append(text[end:])
    return "".join(parts)


def wide(character: str) -> bool:
    """A Chinese, Japanese or Korean letter, or a full-width punctuation mark."""
    return ord(character) >= 0x2E80 or character in "“”‘’…—"

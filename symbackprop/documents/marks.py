"""How a format marks inline mathematics, emphasis and plain text, for the language macros."""

from __future__ import annotations

from typing import Protocol

from symbackprop.documents.mathematics import Mathematics
from symbackprop.formula.tree import Formula


class Marks(Protocol):
    """One implementation a format."""

    @property
    def rate(self) -> Formula:
        """The learning rate, to be written with `inline`."""

    def inline(self, formula: Formula) -> str:
        """The formula as inline mathematics."""

    def raw(self, latex: str) -> str:
        """LaTeX that we wrote ourselves, as inline mathematics."""

    def emphasis(self, text: str) -> str: ...

    def strong(self, text: str) -> str: ...

    def escape(self, text: str) -> str:
        """Plain text, safe in the format."""


MARKDOWN_SPECIAL = "\\`*_{}[]<>#|$~&"


class MarkdownMarks:
    """profile 'portable' writes $...$, 'github' $`...`$ (nothing in it is touched there)."""

    def __init__(self, mathematics: Mathematics, profile: str) -> None:
        self._math = mathematics
        self._github = profile == "github"

    @property
    def rate(self) -> Formula:
        return self._math.rate

    def inline(self, formula: Formula) -> str:
        return self.raw(self._math.latex(formula))

    def raw(self, latex: str) -> str:
        return f"$`{latex}`$" if self._github else f"${latex}$"

    def emphasis(self, text: str) -> str:
        return f"*{text}*"

    def strong(self, text: str) -> str:
        return f"**{text}**"

    def escape(self, text: str) -> str:
        return "".join("\\" + c if c in MARKDOWN_SPECIAL else c for c in text)


LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


class LatexMarks:
    """LaTeX: $...$, \\emph, \\textbf."""

    def __init__(self, mathematics: Mathematics) -> None:
        self._math = mathematics

    @property
    def rate(self) -> Formula:
        return self._math.rate

    def inline(self, formula: Formula) -> str:
        return self.raw(self._math.latex(formula))

    def raw(self, latex: str) -> str:
        return f"${latex}$"

    def emphasis(self, text: str) -> str:
        return rf"\emph{{{text}}}"

    def strong(self, text: str) -> str:
        return rf"\textbf{{{text}}}"

    def escape(self, text: str) -> str:
        return "".join(LATEX_SPECIAL.get(c, c) for c in text)

"""How a format marks inline mathematics, emphasis and plain text, for the language macros."""

from __future__ import annotations

from symbackprop.documents.mathematics import Mathematics
from symbackprop.formula.tree import Chain, Formula, Idx, Num
from symbackprop.system.model import System


class Marks:
    """Base of all formats; subclasses say how inline mathematics, emphasis and text are marked.

    A document can speak of several systems (one sample, the batch): `enter` says of which now.
    """

    def __init__(self, mathematics: Mathematics) -> None:
        self._start = mathematics
        self._math = mathematics

    def enter(self, system: System) -> None:
        """From here on formulas are those of `system`."""
        self._math = self._start.of(system)

    @property
    def rate(self) -> Formula:
        """The learning rate, to be written with `inline`."""
        return self._math.rate

    def inline(self, formula: Formula) -> str:
        """The formula as inline mathematics."""
        return self.raw(self._math.latex(formula))

    def display(self, chains: tuple[Chain, ...]) -> str:
        """The inside of a display."""
        return self._math.display(chains)

    def function(self, name: str) -> str:
        """The name of a function, as inline mathematics."""
        return self.raw(self._math.function(name))

    def range(self, letter: Formula, lower: Formula, upper: Formula) -> str:
        r"""`l = 1, \ldots, L`."""
        return self.raw(self._math.range(letter, lower, upper))

    def span(self, letter: Formula, lower: Formula, upper: Formula) -> str:
        r"""`l = 2, 3` or `l = 2, \ldots, L`, of symbols that are written already."""
        first = self._math.plain(Chain((letter, lower), ("=",)))
        if isinstance(lower, Num) and isinstance(upper, Num) and upper.value - lower.value < 4:
            more = range(int(lower.value) + 1, int(upper.value) + 1)
            return self.raw(", ".join([first, *map(str, more)]))
        return self.raw(rf"{first}, \ldots, {self._math.plain(upper)}")

    def size(self, name: str, value: object) -> str:
        """`T = 3`."""
        return self.raw(f"{self._start.latex(Idx(name))} = {value}")

    def shape(self, array: Formula, lengths: tuple[Formula, ...]) -> str:
        r"""`W \in \mathbb{R}^{3 \times 2}`."""
        crossed = r" \times ".join(self._math.latex(length) for length in lengths)
        return self.raw(rf"{self._math.latex(array)} \in \mathbb{{R}}^{{{crossed}}}")

    def layer_shift(self) -> int:
        """What the notation adds to our number of a layer."""
        return self._math.notation.shift

    def layer0(self) -> str:
        """The number that the notation gives to the input layer."""
        return self.raw(str(self._math.notation.shift))

    def raw(self, latex: str) -> str:
        """LaTeX as inline mathematics."""
        raise NotImplementedError

    def emphasis(self, text: str) -> str:
        raise NotImplementedError

    def strong(self, text: str) -> str:
        raise NotImplementedError

    def escape(self, text: str) -> str:
        """Plain text, safe in the format."""
        raise NotImplementedError


MARKDOWN_SPECIAL = "\\`*_{}[]<>#|$~&^@"


def plain(text: str) -> str:
    """One line of text: line ends, control characters and turned writing become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class MarkdownMarks(Marks):
    """profile 'portable' writes $...$, 'github' $`...`$ (nothing in it is touched there)."""

    def __init__(self, mathematics: Mathematics, profile: str) -> None:
        super().__init__(mathematics)
        self._github = profile == "github"

    def raw(self, latex: str) -> str:
        return f"$`{latex}`$" if self._github else f"${latex}$"

    def emphasis(self, text: str) -> str:
        return f"*{text}*"

    def strong(self, text: str) -> str:
        return f"**{text}**"

    def escape(self, text: str) -> str:
        return "".join("\\" + c if c in MARKDOWN_SPECIAL else c for c in plain(text))


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
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"\textquotedbl{}",
}


class LatexMarks(Marks):
    """LaTeX: $...$, \\emph, \\textbf."""

    def raw(self, latex: str) -> str:
        return f"${latex}$"

    def emphasis(self, text: str) -> str:
        return rf"\emph{{{text}}}"

    def strong(self, text: str) -> str:
        return rf"\textbf{{{text}}}"

    def escape(self, text: str) -> str:
        escaped = "".join(LATEX_SPECIAL.get(c, c) for c in plain(text))
        for twice in ("-", "'"):  # two would become a dash, a quotation mark
            escaped = escaped.replace(twice + twice, f"{twice}{{}}{twice}{{}}")
        return escaped

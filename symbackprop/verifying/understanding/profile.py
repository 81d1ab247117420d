"""What a document's writing tells about its conventions: functions, arrays, deltas, words.

The profile is inferred from the raw mathematics and the prose, printed with `--show-profile`, and
can be fixed by front matter, a directive or a sidecar file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from symbackprop.documents.scan import Piece
from symbackprop.formula.hints import FUNCTIONS, SCALARS, Hints
from symbackprop.formula.tree import Sym
from symbackprop.verifying.understanding.bracketed_entries import bracketed_entries
from symbackprop.verifying.understanding.costs_with_arguments import (
    arguments_of,
    of_one_parameter,
    told_apart,
)
from symbackprop.verifying.understanding.defined_words import defined_words
from symbackprop.verifying.understanding.kronecker import kronecker_letters
from symbackprop.verifying.understanding.named_rows import is_row, named_rows
from symbackprop.verifying.understanding.numbered_layers import numbered_layers
from symbackprop.verifying.understanding.ones_letters import ones_letters

WORD_ACTIVATIONS = {
    "sigmoid": "sigmoid", "logistic function": "sigmoid", "tanh": "tanh", "relu": "relu",
    "hyperbolic tangent": "tanh", "双曲正切": "tanh", "softplus": "softplus", "rectified": "relu",
}  # fmt: skip
_CAPITAL = re.compile(r"^[A-Z]$")
_LOSSES = frozenset(["J", "L", "C", "E", "F", "Q", "T", "N", "K", "M", "D", "H"])


@dataclass(frozen=True, slots=True)
class Profile:
    """How one document is read.

    functions   letters that are functions, and what they are ('' where only the text knows)
    arrays      True where symbols without subscript are vectors and matrices
    rows        vectors are rows (x W + b)
    kronecker   letters that are Kronecker deltas
    costs       letters of costs that stand with and without data; `single` those of one parameter
    bold        letters that with one letter below are vectors: `\\mathbf{x}_i`
    ones        letters that the prose says to be columns of ones
    named       letters that the prose says to be rows: the q of `q_i`, the row i of Q
    below       letters of quantities whose subscript is their layer: the W of `W_l`
    fixed       what a person has fixed: network, notation, definitions, sizes, functions
    """

    hints: Hints = field(default_factory=Hints)
    functions: Mapping[str, str] = field(default_factory=dict)
    arrays: bool = False
    rows: bool = False
    kronecker: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    fixed: Mapping[str, object] = field(default_factory=dict)
    costs: frozenset[str] = frozenset()
    single: frozenset[str] = frozenset()
    bold: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()
    ones: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


_TO_THE_LAST = re.compile(
    r"\\(?:sum|prod)(?:\\(?:no)?limits)?\s*_\s*(?:\{[^{}]*\}|\w)\s*\^\s*(?:T(?![A-Za-z])|\{\s*T\s*\})"
)
r"""The T of `\sum_{t=1}^T` is the last time, no transpose; beside `W x_t` it goes with vectors all the same."""

_PRODUCT = re.compile(
    r"(?<![A-Za-z\\_^{])[WVU](?:\^\{?[(\[]?\w[)\]]?\}?|_\{?[\dl]\}?)?\s*[a-z](?![A-Za-z])"
)
_IDENTITY = re.compile(r"[=(+-]\s*I\s*[-+]|[-+]\s*I\s*(?:$|[)$,.=])", re.MULTILINE)
_OF_PRODUCT = re.compile(
    r"(?<![A-Za-z\\_^{])(?P<head>[a-z])\s*&?\s*=\s*&?\s*[A-Z]\s*[a-z](?![A-Za-z_^(])"
)
_CAPITALS = re.compile(
    r"=\s*&?\s*(?<![A-Za-z\\])[A-Z](?:_\w|\^\w|_\{\w+\})?\s*[A-Z](?:_\w|\^\w|_\{\w+\})?(?![A-Za-z('])"
)
_NUMBERED_PRODUCT = re.compile(
    r"=\s*&?\s*[A-Z][1-9]?\s*(?:·|⋅|@|\\cdot|\\,)?\s*[A-Z][1-9](?![A-Za-z0-9(])"
)
_STACKED = re.compile(r"\b(?:rows?|columns?|vectors?|matri(?:x|ces))\b")
_SAID_MATRIX = re.compile(r"\\mathbb\s*\{?\s*R\s*\}?\s*\^\s*\{[^{}]*\\times")
_SOFTMAX_OF_PRODUCT = re.compile(
    r"softmax\}?\s*(?:\\left\s*)?\([^()]{0,30}?(?<![A-Za-z\\])[A-Z](?![A-Za-z])"
)
"""Softmax of what has a capital letter: of one number there is none."""
_SUMMED = re.compile(
    r"\\sum_\{?(?P<i>[a-z])(?![A-Za-z])(?:=[^{}=&]*\})?[^=&]{0,80}?(?<![A-Za-z])[A-Z]\}?_\{?(?P=i)(?![A-Za-z])"
)
"""A sum over entries of what has a capital letter."""
_VECTORS = re.compile(r"\bvectors?\b|\bmatri(?:x|ces)\b")


def _with_entries(text: str) -> bool:
    """`z = W x + b` beside `z_k`: a capital times a small letter has entries, it is no product of numbers."""
    heads = {m["head"] for m in _OF_PRODUCT.finditer(text)}
    return any(
        re.search(rf"(?<![A-Za-z\\_^{{]){head}_(?:[a-z](?![A-Za-z])|\{{[a-z]\}})", text)
        for head in heads
    )


_ADDED = re.compile(
    r"(?<![A-Za-z\\])(?P<to>[a-z](?:[_^](?:\w|\{[^{}]*\}))?)\s*\+\s*(?P<letter>[A-Z])\s*(?:\\left)?\(\s*(?P=to)"
)
"""`x + F(x)`: what is added to its own argument is a function, and no cost."""


def infer(
    pieces: Iterable[Piece], prose: str, fixed: Mapping[str, object] | None = None
) -> Profile:
    """The profile of a document from its pieces and its prose."""
    pieces = list(pieces)
    text = "\n".join(p.latex for p in pieces)
    lower = prose.lower()
    fixed = dict(fixed or {})
    functions = set(FUNCTIONS)
    turned = primes_turn(text, prose)
    for m in re.finditer(
        r"(?<![A-Za-z\\])([a-zA-Z])\s*(?:'|\^\{?\\prime\}?)\s*\\?(?:left)?\s*[(]", text
    ):
        if not turned:
            functions.add(m[1])
    # but h (δ)^T is a product
    applied_gh = r"(?<![A-Za-z\\])([gh])\s*\((?![^()]*\)\s*\^)\s*\\?[a-zA-Z]"
    for m in re.finditer(applied_gh, text):
        functions.add(m[1])
    functions |= {m["letter"] for m in _ADDED.finditer(text)}
    if re.search(r"h_\{\s*(?:W|\\theta|\\mathbf)", text):
        functions.discard("h")
    functions -= {"y", "x", "t", "e", "d"}
    objective = {"f"} & arguments_of(text).keys()  # `\\nabla f(β)`: a cost by that letter
    functions -= objective
    variables: set[str] = set()
    for name in ("sigma", "phi", "psi"):
        applied = re.search(rf"\\{name}\s*(?:'|\^\{{?\\prime\}}?|\\left)*\s*\(", text) or (
            name == "sigma" and re.search(r"σ\s*'?\(", text)
        )
        if not applied and re.search(rf"\\{name}\s*[\^_]", text):
            variables.add(name)
    for name in ("f", "g", "h"):
        if (
            name in functions
            and re.search(rf"(?<![A-Za-z\\]){name}_", text)
            and not re.search(rf"(?<![A-Za-z\\]){name}\s*'?\s*(?:\\left)?\(", text)
        ):
            variables.add(name)
    arrays = bool(
        re.search(
            r"\^\{?[^{}]{0,8}(?:\\top|T\}?(?![A-Za-z_]))|\\odot|⊙|\\otimes|⊗|\\bullet|ᵀ|\\lVert|\\\||‖",
            text if _PRODUCT.search(text) else _TO_THE_LAST.sub(" ", text),
        )
    )
    arrays = arrays or turned or bool(_SOFTMAX_OF_PRODUCT.search(text))
    # `z = W x + b` of prose with vectors is no product of numbers, nor beside the identity.
    beside = _VECTORS.search(lower) or _IDENTITY.search(text)
    arrays = arrays or bool(_PRODUCT.search(text) and beside)
    arrays = arrays or _with_entries(text) or bool(_SAID_MATRIX.search(text))
    arrays = arrays or bool(
        _CAPITALS.search(text) and (_VECTORS.search(lower) or _SUMMED.search(text))
    )
    arrays = arrays or bool(_NUMBERED_PRODUCT.search(text) and _STACKED.search(lower))
    kronecker = kronecker_letters(text, lower)
    squares = set(
        re.findall(
            r"\\(sigma|nu|tau)\^\{?2\}?(?:_[A-Za-z]|_\{[^{}]*\})?\s*&?\s*(?:=|:=|\\equiv)", text
        )
    )
    known: dict[str, str] = {}
    for word, name in WORD_ACTIVATIONS.items():
        if word in lower or word in text.lower():
            known.setdefault(word, name)
    for letter, given in fixed.items():
        functions.add(letter)
        known[str(letter)] = str(given)
    rows = bool(
        re.search(
            # A bracket that closes between them is not the letter's own: diag(1 - h^2) W^T v.
            # Nor does a product go on behind an \\end{align}.
            r"(?<![A-Za-z\\])[xXhHaA]\^?\{?(?:[^{}=+()]|\([^{}=+()]*\)){0,6}\}?_?[0-9]?\s*"
            r"(?:\\cdot\s*)?(?:\\(?:mathbf|boldsymbol|bm)\s*\{?\s*)?W",
            _ENVIRONMENT.sub("=", text),
        )
    )
    apart = told_apart(text)
    # delta_{t,o}^q, the error of q: a name, unless deltas carry layers
    layered = re.search(r"\\delta(?:_\{?[^{}^]*\}?)?\^\{?(?:\(|\[|l|L|n)", text)
    quantity = re.search(r"\\delta_\{?[^{}^]*\}?\^\{?[a-km-su-z]\b", text)
    named_errors = {"delta"} if quantity and not layered else set()
    names = re.findall(r"(?<![A-Za-z\\{])(B?CE|MSE|NLL|SSE|RSS|MAE|KL|XE)(?![A-Za-z])", text)
    names += defined_words(pieces)
    hints = Hints(
        names=frozenset(names),
        primes="transpose" if turned else "auto",
        otimes=_tensor_sign(text, lower),
        functions=frozenset(functions),
        variables=frozenset(variables),
        index_superscripts=frozenset(squares | named_errors) | numbered_layers(text),
        kronecker=kronecker,
        dropped=frozenset(
            {"J", "L", "C", "E", "h", "ell", "mathcal L", "mathcal C", "mathcal{L}", "a", "F"}
            | objective
        )
        - functions
        - apart
        - unknown_losses(text),
        scalars=SCALARS | {"m", "n", "N", "t", "l", "L", "J", "C", "E", "T", "K", "mathcal L"},
        bracketed=bracketed_entries(text),
        argument_of=tuple(sorted(arguments_of(text).items())),
    )
    bold = bold_vectors(text)
    ones = ones_letters(pieces) if arrays else frozenset()
    row_names = named_rows(pieces) if arrays else frozenset()
    if arrays:
        vectors = vectors_of_layers(text)
        hints = replace(
            hints,
            is_array=lambda s: (
                looks_array(s)
                or _of_layer(s, vectors)
                or is_bold(s, bold)
                or (s.base in ones and not s.sub)
                or is_row(s, row_names)
            ),
        )
    return Profile(
        hints,
        dict(known),
        arrays,
        rows,
        kronecker,
        tuple(known),
        fixed,
        apart,
        of_one_parameter(text),
        bold=bold,
        ones=ones,
        named=row_names,
    )


def _tensor_sign(text: str, prose: str) -> Literal["outer", "hadamard", "unknown"]:
    r"""What `\\otimes` is, by the prose; beside another sign for products of entries the outer product."""
    if "\\otimes" not in text and "⊗" not in text:
        return "unknown"
    if (
        "outer product" in prose
        or "tensor product" in prose
        or re.search(r"\\odot|\\circ(?![A-Za-z])|⊙", text)
    ):
        return "outer"
    return "hadamard" if re.search(r"element|entry|hadamard|component", prose) else "unknown"


_TURNED = re.compile(
    r"\bprimes?\b[^.]{0,60}\btranspos|\btranspos[^.]{0,60}\bprimes?\b"
    r"|['′]\s*\$?\s*(?:denotes|means|is|stands for|for)\s+(?:the\s+)?\\?\w*\{?transpos",
    re.IGNORECASE,
)
_SQUARE = re.compile(
    r"(?<![A-Za-z\\])(\\math(?:bf|bm)\{[A-Za-z]\}|[A-Z])\s*(?:'|\^\{?\\prime\}?)\s*\1(?!\s*'\s*\()"
)


def primes_turn(text: str, prose: str) -> bool:
    """Whether a prime is the transpose: the prose says so, or `X'X` shows it."""
    return bool(_TURNED.search(prose) or _SQUARE.search(text))


_BOLD = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|vec)\s*\{?\s*([a-z])\s*\}?\s*_\s*(?:\{\s*[a-z]\s*\}|[a-z])"
)


def bold_vectors(text: str) -> frozenset[str]:
    r"""Small letters that are bold wherever they have one letter below: `\mathbf{x}_i` is a vector."""
    bold = {m[1] for m in _BOLD.finditer(text)}
    rest = _BOLD.sub(" ", text)
    return frozenset(b for b in bold if not re.search(rf"(?<![A-Za-z\{{]){b}_", rest))


def is_bold(s: Sym, bold: frozenset[str]) -> bool:
    one = len(s.sub) == 1 and s.sub[0].isalpha()
    return s.base in bold and one and not s.sup


def unknown_losses(text: str) -> frozenset[str]:
    r"""Letters of a loss of which only its arguments are told: `J = \ell(h, y)`, and no formula."""
    found = set()
    for base, written in (("ell", r"\\ell"), ("mathcal L", r"\\mathcal\s*\{?L\}?")):
        used = re.search(
            rf"=\s*&?\s*{written}\s*(?:\\left\s*)?\([^()]*(?:\([^()]*\)[^()]*)*,", text
        )
        head = rf"{written}\s*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*&?\s*(?:=|:=)"
        taken = rf"(?:partial|nabla[^=]{{0,20}}?|d)\s*{written}"
        if used and not re.search(head, text) and not re.search(taken, text):
            found.add(base)
    return frozenset(found)


_LAYER = re.compile(
    r"(?<![A-Za-z\\_^{])(?P<head>[a-z])_\{?(?P<n>[0-9])\}?\s*&?\s*(?:=|:=)\s*&?\s*"
    r"(?P<weights>[A-Z])_\{?(?P=n)\}?\s*(?:\\cdot\s*)?(?P<below>[a-z])(?:_\{?(?P<m>[0-9])\}?)?(?![0-9])"
)
_LAYER_OF_ROWS = re.compile(
    r"(?<![A-Za-z\\_^{])(?P<head>[a-z])_\{?(?P<n>[0-9])\}?\s*&?\s*(?:=|:=)\s*&?\s*"
    r"(?P<below>[a-z])(?:_\{?(?P<m>[0-9])\}?)?\s*(?:\\cdot\s*)?(?P<weights>[A-Z])_\{?(?P=n)\}?(?![0-9])"
)
_FUNCTION_OF = re.compile(
    r"(?<![A-Za-z\\_^{])(?P<head>[a-z])_\{?(?P<n>[0-9])\}?\s*&?\s*(?:=|:=)\s*&?\s*"
    r"\\?[A-Za-z]+\s*(?:\\left)?\(\s*(?P<of>[a-z])_\{?(?P=n)\}?\s*(?:\\right)?\)"
)


def vectors_of_layers(text: str) -> frozenset[str]:
    """Small letters whose number is a layer: z, a and b of `z_2 = W_2 a_1 + b_2`; none for `z_1` alone."""
    rows = [*_LAYER.finditer(text), *_LAYER_OF_ROWS.finditer(text)]
    if len({m["n"] for m in rows}) < 2:
        return frozenset()
    found = {m["head"] for m in rows} | {m["below"] for m in rows if m["m"]}
    found |= {m["head"] for m in _FUNCTION_OF.finditer(text) if m["of"] in found}
    return frozenset(found | {"b"})


def _of_layer(s: Sym, vectors: frozenset[str]) -> bool:
    """`a_1`, the vector of layer 1."""
    number = len(s.sub) == 1 and (s.sub[0].isdigit() or s.sub[0] == "l")
    return s.base in vectors and number and not s.sup


_CAPITAL_GREEK = ("Theta", "Gamma", "Lambda", "Sigma", "Xi")
"""Greek letters of matrices, as capital letters are; Ω is that of a penalty."""


_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{\w+\*?\}")
_NUMBERED = re.compile(r"[A-KM-Z][1-9]", re.ASCII)
"""A capital with a digit right behind it; L1 and the like are losses."""


def looks_array(s: Sym) -> bool:
    """In a text with transposes: capital letters are matrices, small ones vectors, Greek ones vary."""
    letters = [t for t in s.sub if len(t) == 1 and t.isalpha() and t in "ijkmnpqrcd"]
    if letters or (s.sub and all(t.isdigit() for t in s.sub) and s.base.islower() and len(s.base) == 1
                   and not s.sup):  # fmt: skip
        return False
    base = s.base.split()[-1] if s.base else ""
    if base in _LOSSES and not s.sub and not s.sup:
        return base in ("H", "F", "Q")
    if base in ("J", "L", "C", "E", "ell", "mathcal L"):
        return False
    if base == "D" and s.sup:
        return True  # D^{(l)}: one for each layer, so no size
    if base in SCALARS or base in ("t", "n", "m", "l", "e", "d", "N", "T", "K", "M", "D"):
        return False
    if _NUMBERED.fullmatch(base):
        return True  # W1, the weights of layer 1, as in programs
    return base in ("delta", "theta", "Delta", *_CAPITAL_GREEK) or (
        len(base) <= 2 and base.isalpha()
    )


_ = _CAPITAL

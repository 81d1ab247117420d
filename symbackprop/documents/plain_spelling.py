"""Mathematics in plain letters as LaTeX: `sum_{k=1..K}`, `eta`, `w_ij`, `x<sub>1</sub>`, `w <- w - eta g`."""

from __future__ import annotations

import re

GREEK = frozenset(
    [
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda"),
        *("mu", "nu", "xi", "rho", "sigma", "tau", "phi", "psi", "omega"),
        *("Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi", "Omega"),
    ]
)
"""Letters that plain text spells out."""
_NAMES = "|".join(sorted(GREEK))
_SPELLINGS = (
    (re.compile("Σ"), "∑"),
    (re.compile("Π"), "∏"),
    (re.compile(r"<sub>(.*?)</sub>"), r"_{\1}"),
    (re.compile(r"<sup>(.*?)</sup>"), r"^{\1}"),
    # `w <- w - eta g`, never `-1 <-x`: nothing may stand between the signs, and space around them
    (re.compile(r"(?<=[\w\])}])(\s+)<-(?=\s)"), r"\1\\leftarrow"),
    # `sum_{k=1..K}`, `sum_{k = 1, ..., K}`
    (
        re.compile(r"(?<![A-Za-z\\])(sum|prod)_\{\s*([A-Za-z])\s*=\s*([0-9A-Za-z]+)\s*(?:\.\.|,?\s*(?:\.\.\.|…)\s*,?)\s*([A-Za-z0-9_+-]+)\s*\}"),
        r"\\\1_{\2=\3}^{\4}",
    ),
    (re.compile(r"(?<![A-Za-z\\])(sum|prod)(?=_)"), r"\\\1"),
    # t = 1..T
    (re.compile(r"(?<=[0-9])\.\.(?=[A-Za-z0-9])"), ", …, "),
    # w_ij is w with two indices: nobody writes a product right after a subscript in plain text
    (re.compile(r"_([A-Za-z0-9]{2,})"), r"_{\1}"),
    # `eta = 0.5`, `theta_1`; no `etas`, `\eta` or `delta1`
    (re.compile(rf"(?<![A-Za-z0-9\\{{_])({_NAMES})(?![A-Za-z0-9(])"), r"\\\1"),
)  # fmt: skip


_INNER = re.compile(r"\b(?:inner|dot|scalar)[- ]products?\b|Skalarprodukt", re.IGNORECASE)
_DOT = (
    re.compile(r"(?<![A-Za-z0-9_{}\\])([a-z](?:_[A-Za-z0-9]|_\{[^{}]*\})?) \. (?=[a-z](?![a-z]))"),
    r"\1^\\top ",
)  # fmt: skip


def dots_are_inner(text: str) -> bool:
    """Whether a text says that a dot (or some sign) is the inner product of vectors."""
    return bool(_INNER.search(text))


def as_latex(text: str, inner: bool = False) -> tuple[str, bool]:
    """The formula as LaTeX, and whether every character kept its place; `u . v` of vectors if `inner`."""
    exact = True
    for pattern, replacement in (*_SPELLINGS, *((_DOT,) if inner else ())):
        changed = pattern.sub(replacement, text)
        exact, text = exact and len(changed) == len(text), changed
    return text, exact

"""Letters with a meaning of their own, and names as text: safe for a System, LaTeX for people."""

from __future__ import annotations

from symbackprop.formula.tree import Sym

CANDIDATES = frozenset("ijklmnopqrtcds") | {"tau", "ell"}
"""Letters that are taken for indices without a sum that binds them, unless they are quantities."""

FRESH = "\u026a"
"""An index letter that no document uses, for sums whose own letter is taken."""

SIZE_LETTERS = frozenset("LTNKMHDCBV") | {"n_l", "n_L", "n_y", "n_x", "n_h"}

COSTS = frozenset({"J", "L", "C", "E", "ell", "Loss", "loss", "mathcal{L}", "F", "Q"})


def safe_name(name: str) -> str:
    """A name that a System accepts: letters, digits, underscores; no two names fall together."""
    out = []
    for c in name:
        if c.isascii() and c.isalnum():
            out.append(c)
        else:
            out.append({"_": "_", "^": "_up", "'": "_prime", ".": "_total", "~": "_", "/": "_ar",
                        "[": "_", "]": "", "(": "_", ")": "", ",": "_", "+": "_plus", "-": "_minus",
                        "*": "_star"}.get(c, f"_u{ord(c):x}_"))  # fmt: skip
    text = "".join(out)
    if len(text) == 1:
        text += "_"  # a letter of its own: it must not fall together with an index letter
    return text if text[:1].isalpha() else f"q{text}"


def latex_of(s: Sym) -> str:
    r"""The symbol as LaTeX again, for messages."""
    greek = len(s.base) > 1 and s.base.isalpha() and s.base in GREEK
    base = f"\\{s.base}" if greek else s.base
    if s.accent:
        base = f"\\{s.accent}{{{base}}}"
    sub = f"_{{{_join(s.sub)}}}" if s.sub else ""
    sup = f"^{{{_join(s.sup)}}}" if s.sup else ""
    return f"{base}{chr(39) * s.primes}{sub}{sup}"


def _join(tokens: tuple[str, ...]) -> str:
    return "".join(f"\\text{{{t}}}" if len(t) > 1 and t.isalpha() else t for t in tokens)


GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "vartheta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "varphi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Phi",
        "Psi",
        "Omega",
        "ell",
    ]
)

"""Tables of written mathematics: which command is a letter, a relation, a function, mere dress."""

from __future__ import annotations

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
        "omicron",
        "pi",
        "varpi",
        "rho",
        "varrho",
        "sigma",
        "varsigma",
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
        "Upsilon",
        "Phi",
        "Psi",
        "Omega",
    ]
)

LETTER_COMMANDS = GREEK | {"ell", "hbar", "infty", "emptyset", "dagger", "star", "ast"}
"""Commands that are symbols by themselves."""

UNICODE = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "varepsilon",
    "ϵ": "epsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "ϑ": "vartheta",
    "ι": "iota",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "µ": "mu",
    "ν": "nu",
    "ξ": "xi",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "ς": "varsigma",
    "τ": "tau",
    "υ": "upsilon",
    "φ": "varphi",
    "ϕ": "phi",
    "χ": "chi",
    "ψ": "psi",
    "ω": "omega",
    "Γ": "Gamma",
    "Δ": "Delta",
    "∆": "Delta",
    "Θ": "Theta",
    "Λ": "Lambda",
    "Ξ": "Xi",
    "Π": "Pi",
    "Σ": "Sigma",
    "Υ": "Upsilon",
    "Φ": "Phi",
    "Ψ": "Psi",
    "Ω": "Omega",
    "ℓ": "ell",
    "∞": "infty",
    "∂": "partial",
    "∇": "nabla",
    "⊙": "odot",
    "∘": "circ",
    "•": "bullet",
    "∙": "bullet",
    "⊗": "otimes",
    "×": "times",
    "·": "cdot",
    "⋅": "cdot",
    "∗": "ast",
    "∑": "sum",
    "∏": "prod",
    "≤": "leq",
    "≥": "geq",
    "≠": "neq",
    "≈": "approx",
    "≡": "equiv",
    "∝": "propto",
    "∈": "in",
    "←": "leftarrow",
    "→": "rightarrow",
    "⇒": "Rightarrow",
    "⟸": "Leftarrow",
    "↦": "mapsto",
    "≔": "coloneqq",
    "≜": "triangleq",
    "√": "sqrt",
    "…": "ldots",
    "⋯": "cdots",
    "‖": "Vert",
    "∥": "Vert",
    "′": "prime",
    "∀": "forall",
    "∴": "therefore",
    "∵": "because",
    "⊤": "top",
    "⟨": "langle",
    "⟩": "rangle",
    "■": "blacksquare",
    "□": "square",
    "∎": "blacksquare",
}
"""Unicode characters with a command of their own."""

UNICODE_CHARS = {
    "−": "-",
    "–": "-",
    "（": "(",
    "）": ")",
    "，": ",",
    "；": ";",
    "：": ":",
    "＝": "=",
    "＋": "+",
    "－": "-",
    "【": "[",
    "】": "]",
    "。": ".",
    "“": '"',
    "”": '"',
    "∣": "|",
    "’": "'",
    "＊": "*",
    "∶": ":",
    "⁄": "/",
    "∕": "/",
    "＜": "<",
    "＞": ">",
}
"""Unicode characters that are an ASCII character in other dress."""

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀⁱʲᵏˡᵐⁿᵗᴸ", "0123456789+-()TijklmntL", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₗₘₙₜₒₓₕ", "0123456789+-()ijklmntoxh", strict=True))

FRACTIONS = {"½": "12", "⅓": "13", "¼": "14", "¾": "34", "⅔": "23", "⅛": "18"}
COMBINING = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u20d7": "vec"}

RELATIONS = {
    "=": "=", ":=": ":=", "coloneqq": ":=", "triangleq": ":=", "coloneq": ":=", "doteq": ":=",
    "leftarrow": "<-", "gets": "<-", "longleftarrow": "<-", "Leftarrow": "<-",
    "<": "<", "lt": "<", ">": ">", "gt": ">", "leq": "<=", "le": "<=", "leqslant": "<=",
    "geq": ">=", "ge": ">=", "geqslant": ">=", "neq": "!=", "ne": "!=",
    "approx": "approx", "simeq": "approx", "sim": "approx", "cong": "approx",
    "in": "in", "equiv": "equiv", "propto": "propto",
    "to": "to", "rightarrow": "to", "longrightarrow": "to", "mapsto": "to", "longmapsto": "to",
    "leftrightarrow": "to", "longleftrightarrow": "to",
}  # fmt: skip
"""Relation tokens and the name that a Chain gives them."""

JOINERS = frozenset(
    [
        "Rightarrow",
        "implies",
        "Longrightarrow",
        "iff",
        "Leftrightarrow",
        "Longleftrightarrow",
        "therefore",
        "because",
        "impliedby",
    ]
)
"""Words in symbols: they separate statements and claim nothing by themselves."""

BUILTINS = {
    "exp": "exp", "log": "log", "ln": "log", "tanh": "tanh", "sin": "sin", "cos": "cos",
    "sign": "sign", "sgn": "sign", "abs": "abs", "max": "max", "min": "min", "sqrt": "sqrt",
    "tan": "tan", "sinh": "sinh", "cosh": "cosh",
}  # fmt: skip
"""Functions that every reader knows, and their name in a Call."""

WORD_FUNCTIONS = {
    "sigmoid": "sigmoid", "Sigmoid": "sigmoid", "softmax": "softmax", "Softmax": "softmax",
    "relu": "relu", "ReLU": "relu", "Relu": "relu", "ReLu": "relu", "RELU": "relu",
    "LeakyReLU": "leaky_relu", "leaky_relu": "leaky_relu", "gelu_tanh": "gelu_tanh",
    "softplus": "softplus", "Softplus": "softplus", "Tanh": "tanh",
    "logistic": "logistic", "erf": "erf", "diag": "diag", "tr": "tr", "Tr": "tr",
    "elu": "elu", "ELU": "elu", "GELU": "gelu", "gelu": "gelu", "silu": "silu", "swish": "swish",
}  # fmt: skip
"""Functions written as words, with or without a backslash."""

WORDS = frozenset(["net", "out", "loss", "cost", "err", "MSE", "BCE", "SSE", "NLL", "pred"])
"""Short words that are one name although they stand in plain letters."""

ROW_ENVIRONMENTS = frozenset(
    [
        "aligned",
        "align",
        "align*",
        "alignat",
        "alignat*",
        "split",
        "gathered",
        "gather",
        "gather*",
        "eqnarray",
        "eqnarray*",
        "equation",
        "equation*",
        "multline",
        "multline*",
        "displaymath",
        "math",
        "flalign",
        "flalign*",
        "alignedat",
    ]
)
MATRIX_ENVIRONMENTS = frozenset(
    ["matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"]
)
CASE_ENVIRONMENTS = frozenset({"cases", "dcases", "rcases"})

ACCENTS = {
    "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar",
    "overline": "bar", "vec": "vec", "dot": "dot", "ddot": "ddot", "check": "check",
    "overrightarrow": "vec", "underline": "underline",
}  # fmt: skip

TEXT_COMMANDS = frozenset(
    ["text", "textrm", "textit", "textbf", "mbox", "hbox", "textsf", "texttt", "textnormal"]
)
FONT_COMMANDS = frozenset(
    [
        "mathrm",
        "mathbf",
        "mathit",
        "boldsymbol",
        "bm",
        "mathsf",
        "mathtt",
        "operatorname",
        "operatorname*",
        "symbf",
        "pmb",
        "mathbfit",
        "bold",
    ]
)
LETTER_FONTS = {"mathcal": "mathcal", "mathscr": "mathcal", "mathfrak": "mathfrak"}
SWITCHES = frozenset(["rm", "bf", "it", "sf", "tt", "cal"])

NOISE = frozenset(
    [
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "scriptscriptstyle",
        "limits",
        "nolimits",
        "nonumber",
        "notag",
        "hfill",
        "boxed",
        "cancel",
        "bcancel",
        "xcancel",
        "mathop",
        "mathbin",
        "mathrel",
        "mathord",
        "mathopen",
        "mathclose",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "Bigl",
        "biggl",
        "Biggl",
        "bigr",
        "Bigr",
        "biggr",
        "Biggr",
        "bigm",
        "Bigm",
        "middle",
        "hline",
        "toprule",
        "midrule",
        "bottomrule",
        "noindent",
        "centering",
        "allowbreak",
        "break",
        "nobreak",
        "mathstrut",
        "strut",
        "rlap",
        "llap",
        "smash",
        "mathclap",
        "ensuremath",
        "unicode",
        "relax",
        "null",
    ]
)
"""Commands that change nothing but the looks; their argument, if any, stays."""

NOISE_WITH_ARGUMENT = frozenset(
    [
        "color",
        "phantom",
        "hphantom",
        "vphantom",
        "vspace",
        "hspace*",
        "hskip",
        "footnote",
        "pagecolor",
        "mspace",
    ]
)
"""Commands dropped together with their argument."""

SPACES = frozenset(";: >")

"""Finding codes: stable, one line of meaning each, with an example."""

from __future__ import annotations

from symbackprop.errors import UnknownName

CODES: dict[str, tuple[str, str]] = {
    "R101": ("The two sides differ: a counterexample in numbers is given.", "da/dz = a (1 + a) for a sigmoid"),
    "R102": ("A sign is wrong.", "dJ/dz = y - a instead of a - y"),
    "R103": ("A constant factor is missing or too many (2, 1/2, 1/N, N).", "dJ/da = -(y - a) for J = (y - a)^2"),
    "R104": ("A factor is missing or too many (often f').", "delta^L = (a - y) without f'(z)"),
    "R105": ("A product stands where a sum belongs, or the grouping is wrong.", "E1 * E2 * x for (E1 + E2) * x"),
    "R106": ("An index, a layer or a time is wrong.", "delta^L for delta^l"),
    "R107": ("A transpose, an order of factors or a kind of product is wrong.", "W delta for W^T delta"),
    "R108": ("A term is missing or too many.", "z = W a without the bias b"),
    "R109": ("Another quantity is meant.", "z for a"),
    "R110": ("It would be right for another cost.", "dJ/da = a - y: right for half squared error"),
    "R111": ("A number does not follow within its printed digits.", "0.05*0.15 + 0.35 = 0.3755"),
    "R120": ("The statement inherits the error of an earlier equation or of a definition.", "see R301"),
    "F101": ("Shapes, index ranges or names do not fit together.", "(n x m) times (n x m)"),
    "F102": ("A symbol is used that is declared nowhere.", "w_{31} beside W_{31}"),
    "I101": ("A definition contradicts other equations of the document.", "E1 = (y - a)^2 beside dE1/da = -(y - a)"),
    "M201": ("The letter of the activation function stands for the error.", "sigma^l_j for delta^l_j"),
    "M202": ("A symbol differs from a declared one in upper or lower case only.", "w31 for W31"),
    "M203": ("A partial sign is missing.", "∂f / P1 for ∂f / ∂P1"),
    "M204": ("The argument of a function has no brackets.", "sigma z for sigma(z)"),
    "M205": ("The argument of a function is set as a superscript.", "sigma'^{(z)} for sigma'(z)"),
    "M206": ("A symbol lacks the index of the sum in which it stands.", "sum_i (y_i - y_o)^2"),
    "M207": ("Inside a loop over examples the example's index is missing.", "J(W,b;x,y) for J(W,b;x^{(i)},y^{(i)})"),
    "M208": ("A shorthand that is declared nowhere.", "J(W) for J(W,b;x,y)"),
    "M209": ("The size of a layer is written with another letter.", "S_l for s_l"),
    "M210": ("The kind of an arrow is wrong.", "f: R \\mapsto R for f: R \\to R"),
    "M211": ("True only if the sum is meant to run further (brackets missing).", "sum_n a_n - b_n"),
    "M212": ("True only if the product is meant entry by entry.", "nabla_a C . sigma'(z)"),
    "M213": ("True only with the layer that is left out.", "dC/dz for dC/dz^L"),
    "M214": ("One letter is used for two indices.", "dJ/dW_{ij} = sum_i …"),
    "M215": ("The upper end of a sum is declared nowhere.", "sum_{j=1}^n where the layer has s_l units"),
    "M216": ("A term that does not matter here is left out.", "∂(sum_j W_j a_j)/∂W_i without the bias"),
    "M217": ("A definition has no left side.", "-> sum_n …"),
    "H401": ("A quantity is updated before a later step reads its old value.", "w2 <- …; delta1 = w2 delta2 …"),
    "R301": ("A root cause: mending this definition mends several equations.", "write 1/2 (y - a)^2"),
    "N501": ("Not understood: nothing is said about it being right or wrong.", "a figure, a schema, an ellipsis"),
    "N502": ("The time for one equation was spent.", "--budget 10"),
    "N503": ("A quantity is never defined in the document.", "dC/dz' where z' stands in a figure only"),
    "N504": ("A document of several was not judged.", "an unknown network in a comment"),
    "N505": ("A file of several could not be read.", "a notebook whose JSON breaks off"),
}  # fmt: skip

BY_REPAIR = {
    "sign": "R102", "constant": "R103", "square": "R103", "ratio": "R103", "slope": "R104",
    "missing-factor": "R104", "dropped": "R104", "product": "R105", "product-for-sum": "R105", "part-product": "R105",
    "regroup": "R105", "sum": "R105", "missing-sum": "R105", "indices": "R106", "index": "R106",
    "layer": "R106", "transpose": "R107", "product-kind": "R107", "missing-term": "R108", "name": "R109",
    "partial": "M203", "other-cost": "R110",
}  # fmt: skip
"""Repair code of the judge -> finding code."""


def explain(code: str) -> str:
    """What a code means, with an example. Raises UnknownName."""
    key = code.upper()
    if key not in CODES:
        raise UnknownName("finding code", code, CODES)
    meaning, example = CODES[key]
    return f"{key}: {meaning}\n  example: {example}"

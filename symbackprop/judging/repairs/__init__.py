"""The registry of repairs: small edits of a formula, one row each, the cheaper first."""

from symbackprop.judging.repairs.arrays import product_kind, transpose
from symbackprop.judging.repairs.brackets import partial_sums
from symbackprop.judging.repairs.constants import constant, sign, square
from symbackprop.judging.repairs.factors import dropped, slope
from symbackprop.judging.repairs.grouping import missing_sum, product_for_sum, regroup
from symbackprop.judging.repairs.letters import indices, layer, name, partial
from symbackprop.judging.repairs.missing import missing_factor, missing_term
from symbackprop.judging.repairs.setting import Row, Setting

REPAIRS: tuple[Row, ...] = (
    Row("sign", "a sign is wrong", 1, sign),
    Row("constant", "a constant factor is wrong (2, 1/2, 1/N)", 1, constant),
    Row("transpose", "a transpose is missing, too many, or the order of factors is wrong", 1, transpose),
    Row("product-kind", "a dot product and a product entry by entry are confused", 1, product_kind),
    Row("indices", "indices are swapped or confused", 2, indices),
    Row("layer", "a layer or time index is off by one, or is that of the last layer", 2, layer),
    Row("name", "one quantity stands for another", 2, name),
    Row("slope", "a derivative of the activation is missing or too many", 2, slope),
    Row("regroup", "brackets are missing or too many, or a sum reaches too far or not far enough", 2, regroup),
    Row("missing-sum", "a sum sign is missing", 2, missing_sum),
    Row("product-for-sum", "a product stands for a sum, or a sum for a product", 2, product_for_sum),
    Row("dropped", "a factor or a term is too many", 2, dropped),
    Row("part-product", "in a part of the formula a product stands for a sum, or a sum for a product", 2, partial_sums),
    Row("square", "a square is missing", 2, square),
    Row("partial", "a partial sign is missing", 2, partial),
    Row("missing-factor", "a factor is missing", 3, missing_factor),
    Row("missing-term", "a term is missing", 3, missing_term),
)  # fmt: skip
"""Every kind of repair, tried in the order of cost."""

__all__ = ["REPAIRS", "Row", "Setting"]

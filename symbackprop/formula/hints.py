"""Hints: what a reader must be told, because the ink does not say it.

Whether `f(x)` is an application or a product, whether `a^2` is a power or layer 2, whether `V11` is
one name: notations give these for our own documents, and a profile inferred from a stranger's
document gives them for that one. The defaults are what most texts on gradients mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from symbackprop.formula.tree import Sym

EVERY = "*"
"""In a set of bases: every base."""

FUNCTIONS = frozenset({"f", "sigma", "phi", "varphi", "psi"})
INDEX_LETTERS = frozenset("ijklmnorstLNMKT") | {"tau", "ell"}
SCALARS = frozenset({"eta", "alpha", "lambda", "epsilon", "mu", "gamma", "beta", "rho"})


@dataclass(frozen=True, slots=True)
class Hints:
    """How to read one document.

    functions           bases that are functions: before a bracket they are applied
    variables           bases that are never functions (wins over `functions`)
    names               runs of letters and digits that are one symbol: 'V11', 'dW', 'net'
    letter_digits       a letter directly followed by digits is one name (`H1`); else a product
    primes              'auto': a derivative on an applied function, else part of the name;
                        'name': always part of the name; 'transpose': the transpose of what is no
                        applied function
    index_letters       letters that may stand for an index: `a^l` is a superscript, `p^y` a power
    index_superscripts  bases whose superscript is always an index, even a number (`z^2`); '*': all
    powers              bases whose superscript is always an exponent
    arrays              bases that without subscript are vectors or matrices; juxtaposed they are
                        MatMul
    is_array            the same for a whole symbol; decides alone where it is given
    scalars             bases that are scalars beside arrays
    transpose           `^T` is the transpose
    kronecker           bases whose two subscripts are compared: `\\delta_{ij}` is the bracket [i =
                        j]
    dropped             bases whose arguments only say what they depend on: `J(W, b)` is then `J`
    differentials       what `dW` in plain letters is: 'name', 'differential' or 'product'
    prefixes            letters that with the next letter form one name: `\\Delta W`
    exponential         `e^x` is exp(x)
    applied             `\\sigma z` is an application (a function letter without scripts)
    sum_reach           how far a sum reaches: to the end of the 'product', or past '+' to the end
                        of 'all'
    dot, star           what \\cdot (and \\times) and * are between arrays: 'matmul' or 'hadamard'
    otimes              what \\otimes is: the 'outer' product, 'hadamard', or 'unknown'
    delta_derivative    \\delta J / \\delta w stands for a partial derivative
    argument_of         costs with their one argument, where the text gives it: `\\nabla J` is by the w of
                        `J(w) = …`
    bracketed           bases whose index stands in square brackets, as in programs: `x[n+k]`
    slash               `1/2m`: 'all' is 1/(2m), 'one' is (1/2)m
    """

    functions: frozenset[str] = FUNCTIONS
    variables: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    letter_digits: bool = True
    primes: Literal["auto", "name", "transpose"] = "auto"
    index_letters: frozenset[str] = INDEX_LETTERS
    index_superscripts: frozenset[str] = frozenset()
    powers: frozenset[str] = frozenset()
    arrays: frozenset[str] = frozenset()
    is_array: Callable[[Sym], bool] | None = None
    scalars: frozenset[str] = SCALARS
    transpose: bool = True
    kronecker: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    differentials: Literal["name", "differential", "product"] = "name"
    prefixes: frozenset[str] = frozenset({"Delta"})
    exponential: bool = True
    applied: bool = True
    sum_reach: Literal["product", "all"] = "product"
    dot: Literal["matmul", "hadamard"] = "matmul"
    star: Literal["matmul", "hadamard"] = "hadamard"
    otimes: Literal["outer", "hadamard", "unknown"] = "unknown"
    delta_derivative: bool = False
    bracketed: frozenset[str] = frozenset()
    argument_of: tuple[tuple[str, str], ...] = ()
    slash: Literal["all", "one"] = "all"

    def is_function(self, base: str) -> bool:
        return base in self.functions and base not in self.variables

    def array(self, symbol: Sym) -> bool:
        """Whether the symbol is a vector or matrix as a whole."""
        if self.is_array is not None:
            return self.is_array(symbol)
        return symbol.base in self.arrays and not symbol.sub

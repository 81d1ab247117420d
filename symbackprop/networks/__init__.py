"""Networks: activations, costs, builders, built-ins. Sugar over systems."""

from symbackprop.networks.activations import ACTIVATIONS, Activation
from symbackprop.networks.builtins import BUILTINS, find, names, notation_of
from symbackprop.networks.costs import COSTS, Cost
from symbackprop.networks.generic import generic_mlp
from symbackprop.networks.mlp import mlp, neuron, softmax_regression
from symbackprop.networks.own_equations import system_from_eqs
from symbackprop.networks.recurrent import elman
from symbackprop.networks.skip import residual

__all__ = [
    "ACTIVATIONS",
    "BUILTINS",
    "COSTS",
    "Activation",
    "Cost",
    "elman",
    "find",
    "generic_mlp",
    "mlp",
    "names",
    "neuron",
    "notation_of",
    "residual",
    "softmax_regression",
    "system_from_eqs",
]

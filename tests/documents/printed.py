"""The documents that the tests look at: every built-in, derived once."""

from __future__ import annotations

from functools import cache

from symbackprop import api
from symbackprop.networks.builtins import BUILTINS

NAMES = tuple(BUILTINS)
QUICK = ("chang-neuron", "chang", "nielsen", "softmax-regression")
LANGUAGES = ("en", "zh-Hans")
PROFILES = ("portable", "github")

BEYOND = (
    ("3-4-2", "nielsen", {}),
    ("3-4-2", "ufldl", {"weight_decay": True, "samples": "m", "reduction": "mean"}),
    ("3-4-2", "lee", {"activation": "tanh"}),
    ("2-3-4-2", "chang", {}),
    ("3-4-2", "csdn", {"bias": "layer"}),
    ("2-2-2", "default", {"activation": "relu", "cost": "mae"}),
    ("2-3-1", "default", {"activation": "gelu-tanh", "cost": "huber"}),
    ("6-5-4-3", "default", {"activation": "silu", "cost": "mse"}),
    ("6-6-2", "chang", {}),
    ("4-3-2", "default", {"cost": "softmax-ce"}),
    ("2-2-2", "default", {"activation": "leaky-relu", "cost": "half-sse"}),
)
"""Networks that no source document has, in notations that are not their own."""


@cache
def derivation(name: str) -> api.Derivation:
    """A built-in in its own notation."""
    return api.derive(name)


@cache
def beyond(number: int) -> api.Derivation:
    """The entry of BEYOND with that number."""
    network, notation, options = BEYOND[number]
    return api.derive(api.network(network, **options), notation)

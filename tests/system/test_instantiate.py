"""Numbers for sizes, and numbers for quantities."""

from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from symbackprop.errors import SymbackpropError
from symbackprop.networks import elman, find, generic_mlp, mlp
from symbackprop.networks.specs import parse_spec
from symbackprop.system.instantiate import with_sizes
from symbackprop.system.model import entry, index, size
from symbackprop.system.shapes import count, shape, size_names
from symbackprop.system.values import completed, default_values

GENERIC = Path(__file__).parents[1] / "networks" / "generic.toml"
i, j, t = index("i"), index("j"), index("t")


def test_a_time_axis_stays_an_axis():
    net = with_sizes(elman(), {"T": 3, "H": 2})
    assert net.equations_of["h"][1].ranges == ((t, 1, 3), (i, 1, 2))
    assert net.sizes == (size("D"), size("K"))


def test_a_raw_generic_network_is_unrolled_too():
    raw = parse_spec(
        GENERIC.read_text(encoding="utf-8").replace('"f(z)"', '"f(z) = tanh(z)"')
    ).system
    made = with_sizes(raw, {"L": 2, "s": [2, 4, 3]})
    built = mlp([2, 4, 3], "tanh", cost="half-sse")
    assert [e.target for e in made.equations] == [e.target for e in built.equations]
    assert made.equations_of["z2"][0].rhs == built.equations_of["z2"][0].rhs
    assert shape(made["W2"]) == (3, 4)


def test_numbers_of_an_unrolled_network_follow_their_layer():
    general = generic_mlp("tanh", cost="half-sse")
    values, sizes = completed(general, {"L": 2, "s": [2, 3, 1]})
    assert sizes["s"] == [2, 3, 1]
    made = with_sizes(replace(general, values=values), {"L": 2, "s": [2, 3, 1]})
    assert made.values["W1"] == values["w"][0]
    assert made.values["b2"] == values["b"][1]


def test_part_of_the_sizes_may_stay_symbols():
    made = with_sizes(generic_mlp("tanh", cost="half-sse"), {"L": 1})
    s = sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))
    assert made["W1"].axes[0].upper == s[1]
    assert size_names(made) == ("s",)


def test_a_ragged_quantity_has_no_single_shape_but_a_count():
    general = generic_mlp(cost="half-sse")
    sizes = {"L": 2, "s": [2, 4, 3]}
    with pytest.raises(SymbackpropError, match="no single shape"):
        shape(general["w"], sizes)
    assert count(general["w"], sizes) == 4 * 2 + 3 * 4


def test_a_missing_size_is_named():
    with pytest.raises(SymbackpropError, match="give a number for m"):
        shape(find("ufldl")["x"])


def test_given_values_are_kept_and_the_rest_is_filled():
    net = mlp([2, 2], cost="mse")
    filled = default_values(replace(net, values={"b1": [5.0, 6.0]}))
    assert filled["b1"] == [5.0, 6.0]
    assert len(filled["W1"]) == 2


def test_targets_satisfy_their_facts():
    assert set(default_values(mlp([2, 5], "tanh", cost="hinge"))["y"]) == {1.0, -1.0}
    assert min(default_values(mlp([2, 5], "exp", cost="poisson"))["y"]) >= 0
    assert sorted(default_values(mlp([2, 3], cost="softmax-ce"))["y"]) == [0, 0, 1]
    assert set(default_values(mlp([2, 5], cost="bce"))["y"]) == {0.0, 1.0}


def test_all_default_parameters_differ_up_to_two_thousand():
    weights = default_values(mlp([40, 45]))["W1"]
    flat = [w for row in weights for w in row]
    assert len(set(flat)) == len(flat) == 1800
    assert all(0 < abs(w) < 1 for w in flat)


def test_the_depth_follows_from_the_number_of_widths():
    _, sizes = completed(find("nielsen"), {"s": [2, 3, 3, 1]})
    assert sizes["L"] == 3


def test_letters_and_sizes_do_not_mix():
    """A size named like a letter is refused, not silently confused."""
    with pytest.raises(SymbackpropError, match="is an index letter and also a size"):
        mlp(["j", 2])
    with pytest.raises(SymbackpropError, match="is a quantity and also a size"):
        mlp(["x", 2])


def test_an_entry_is_one_symbol_everywhere():
    assert entry("W1", j, 1) == entry("W1", index("j"), sp.Integer(1))

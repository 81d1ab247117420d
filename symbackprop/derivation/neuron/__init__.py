"""The neuron view: every weight has its own letter, every path is written out."""

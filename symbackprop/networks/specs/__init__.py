"""Networks described by TOML files: `load_spec(path)`, `parse_spec(text)`."""

from symbackprop.networks.specs.file import Spec, load, load_spec, parse_spec

__all__ = ["Spec", "load", "load_spec", "parse_spec"]

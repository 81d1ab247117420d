"""The index view: sums over letters, for any sizes and any depth."""

"""The written tree of formulas, its readers and writers."""

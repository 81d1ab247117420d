"""`python -m symbackprop`."""

from symbackprop.cli.main import main

main()

"""`python -m symbackprop`."""

from symbackprop.cli.start import main

main()

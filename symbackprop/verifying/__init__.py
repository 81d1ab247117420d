"""Judging documents that other people wrote: their definitions become the System."""

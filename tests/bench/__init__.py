"""Measured ratios: `python -m tests.bench` (or `make bench`)."""

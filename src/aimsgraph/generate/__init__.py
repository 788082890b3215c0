"""Synthetic organisations of any size, with known defects, for sizing and benchmarks."""

"""Benchmarks: scripts that print ratios, run by hand or once in CI, never timed tests."""

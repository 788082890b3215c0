"""Reaching out: the one place from which this server opens a connection to somewhere else."""

"""Processes that answer queries on immutable snapshots, and can be killed."""

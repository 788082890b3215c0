"""Drivers of the W3C's own test suites; the suites themselves are fetched, never kept here."""

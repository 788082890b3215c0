"""Conformity: the rules of the shapes folder, and what checking them gives.

What a machine produces here is a *check result*; a finding or nonconformity in
the audit sense is an auditor's, and is recorded as data.
"""

"""The ledger: every change of the records as one object."""

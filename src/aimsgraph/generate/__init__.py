"""Synthetic organisations of any size, with known defects, for sizing and benchmarks.

Without defects an organisation keeps every rule but those that ask for the
judgement of a person (results of severity Info), which is not made up.
"""

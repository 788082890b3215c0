"""Inference: what follows from the records and the ontology, and nothing else."""

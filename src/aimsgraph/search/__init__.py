"""Full-text search over labels, identifiers and descriptions."""

"""The catalogue: named questions, each a file, with typed parameters and a verdict."""

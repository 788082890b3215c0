"""Files that go out to people and tools, one module per format."""

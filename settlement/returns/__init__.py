"""Returns: tips that go back to whoever paid them, settled or not."""

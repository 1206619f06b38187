"""Appeals: somebody else looks again."""

"""Measures in force: what a person may not do, and until when."""

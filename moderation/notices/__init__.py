"""Notices: what people are told about what was decided, in the same commit, and how it reaches them."""

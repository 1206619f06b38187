"""Notices: the person is told what was done, why, and how to appeal."""

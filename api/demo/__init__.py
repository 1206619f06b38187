"""`zhibo demo`: a simulated evening in books of its own, and what a person wants to see of it."""

from api.demo.evening import demonstrate

__all__ = ["demonstrate"]

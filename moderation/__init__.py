"""Moderation: the agreement's rules, and the freezes, measures and takings that rest on them."""

# The refusals of the books are completed by whoever imports moderation.
import moderation.refusals as _  # noqa: F401

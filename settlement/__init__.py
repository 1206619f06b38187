"""Settlement: what streamers and organisations have earned, and how it becomes money of theirs."""

# What was refused once is read again by code: the set is complete as soon as anything here is imported.
import settlement.refusals as _  # noqa: F401

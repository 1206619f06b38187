"""Settlement: what streamers and organisations have earned, and how it becomes money of theirs."""

"""Cases: what was found, what was decided, by whom, and why."""

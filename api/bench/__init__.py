"""``zhibo bench``: how fast the books are, as ratios measured side by side in one run on one server.

Every row names its yardstick, measured in turns with the thing itself, and the floor it must not fall
below. Commits are durable, medians are of at least five rounds. Nothing here is a test: a machine that is
busy with something else measures that.
"""

from api.bench.running import run

__all__ = ["run"]

"""What Prometheus may ask: how the books keep up, what they refuse, and how HTTP answers."""

from collections.abc import Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from ledger.group_commit import GroupCommit
from ledger.journal.commands import Outcome
from ledger.kernel.refusals import REFUSALS

_BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The numbers of one server. It is the group commit's observer."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._batch_size = Histogram(
            "zhibo_batch_size", "Commands a commit.", buckets=_BATCH_SIZES, registry=self._registry
        )
        self._commit = Histogram(
            "zhibo_commit_seconds",
            "Deciding and committing a batch.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._decisions = Counter(
            "zhibo_decisions", "Commands answered.", ["outcome"], registry=self._registry
        )
        self._refusals = Counter("zhibo_refusals", "Commands refused.", ["code"], registry=self._registry)
        for code in REFUSALS:
            self._refusals.labels(code)
        self._accepted = self._decisions.labels("accepted")
        self._replayed = self._decisions.labels("replayed")
        self._refused = self._decisions.labels("refused")
        self._queue = Gauge("zhibo_queue_depth", "Commands that wait for a commit.", registry=self._registry)
        self._requests = Counter(
            "zhibo_http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._durations = Histogram(
            "zhibo_http_seconds", "Answering a request.", ["route"], buckets=_SECONDS, registry=self._registry
        )
        # Looking a label up costs more than counting, and the same few come again and again.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def watch_queue(self, group: GroupCommit) -> None:
        """Report this queue's depth from now on."""
        self._queue.set_function(lambda: group.depth)

    def committed(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        """A batch was committed."""
        self._batch_size.observe(len(outcomes))
        self._commit.observe(seconds)
        replayed = refused = 0
        for outcome in outcomes:
            if outcome.refusal is not None:
                refused += 1
                self._refusals.labels(outcome.refusal.code).inc()
            elif outcome.replayed:
                replayed += 1
        self._refused.inc(refused)
        self._replayed.inc(replayed)
        self._accepted.inc(len(outcomes) - refused - replayed)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered. ``route`` is the pattern, never the path that was asked for."""
        known = self._known.get((method, route, status))
        if known is None:
            known = self._requests.labels(method, route, status), self._durations.labels(route)
            self._known[method, route, status] = known
        known[0].inc()
        known[1].observe(seconds)

    def exposition(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self._registry)

"""`zhibo policy try`: who would gain or lose by a policy."""

import heapq
import sys
from collections import Counter

from api.cli import Stop
from api.cli.showing import amount, console_on, number, signed, table
from api.wiring import open_house
from settlement.periods import Period
from settlement.policies.document import Policy
from settlement.policies.trial import NothingToCompare, Sums, Tried, trial

_NOTHING = Sums(0, 0, 0)
_COLUMNS = ("streamer", ">now", ">tried", ">difference")


def show_trial(policy: Policy, period: Period, *, limit: int) -> None:
    """Print what a period comes to and would come to, and those who gain and lose most, fen exact.

    Raises :class:`Stop` when there is no policy to compare with.
    """
    most: list[tuple[int, str, Tried]] = []
    least: list[tuple[int, str, Tried]] = []
    how_many: Counter[str] = Counter()
    now, tried = _NOTHING, _NOTHING
    with open_house() as house:
        engine = house.database.app.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with engine.connect() as connection:
            try:
                for one in trial(connection, policy, period):
                    now, tried = _added(now, one.now), _added(tried, one.tried)
                    gain = one.gain_minor
                    how_many["gain" if gain > 0 else "lose" if gain < 0 else "stay"] += 1
                    if gain:
                        heap, rank = (most, gain) if gain > 0 else (least, -gain)
                        heapq.heappush(heap, (rank, one.streamer, one))
                        if len(heap) > limit:
                            heapq.heappop(heap)
            except NothingToCompare as reason:
                raise Stop(str(reason)) from None
    print(
        f"policy {policy.version} on {period.name}: {how_many['gain']:,} would gain, "
        f"{how_many['lose']:,} would lose, {how_many['stay']:,} neither. Nothing was moved."
    )
    for who, before, after in zip(("streamers", "guilds", "the platform, of gifts"), now, tried, strict=True):
        print(f"{who}: {amount(before, 'CNY')} -> {amount(after, 'CNY')} ({signed(after - before, 'CNY')})")
    for title, heap in (("Gain most, in 元", most), ("Lose most, in 元", least)):
        if heap:
            rows = [_row(one) for _, _, one in sorted(heap, key=lambda found: (-found[0], found[1]))]
            console_on(sys.stdout).print(table(title, *_COLUMNS, rows=rows))


def _row(one: Tried) -> tuple[str, str, str, str]:
    now, tried = one.now.streamer_minor, one.tried.streamer_minor
    return one.streamer, number(now, "CNY"), number(tried, "CNY"), signed(tried - now, "CNY")


def _added(left: Sums, right: Sums) -> Sums:
    return Sums(*(a + b for a, b in zip(left, right, strict=True)))

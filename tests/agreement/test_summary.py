"""LIVE-EARN-5: results and earnings are merged and displayed in aggregate (合并计算、汇总展示).

And what the agreement leaves open (gap G22): statistics count, but may be objected to for a time; then a
statement is final, and before or after it nothing is put right but by an adjustment.
"""

from pathlib import Path

import pytest

from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY
from settlement.accruals.commands import Adjust, GiveCommission, RecordSale
from settlement.commands import Reward
from settlement.policies.versions import versions
from settlement.statements.listing import Standing, statement_page
from tests.api.http.serving import Json, minor, sandbox, serving
from tests.settlement.statements.months import FINANCE, GATEWAY, OCTOBER
from tests.settlement.statements.worked import NOVEMBER, settle, stage_on

pytestmark = pytest.mark.rule("LIVE-EARN-5")

DAY = MICROSECONDS_PER_DAY
DECEMBER = NOVEMBER + 30 * DAY


def test_three_kinds_over_two_months_add_up_to_the_ledger_to_the_fen(
    empty_database: Database, sandbox_data: Path
) -> None:
    """A worked history of mei, by hand.

    ============  =======================================================  ==========  ============
    month         what happened                                            earned      where it is
    ============  =======================================================  ==========  ============
    September     a gift of 40 coins, v1: 4.00 × 50.03 % = 2.0012             2.00     earnings
    September     a task                                                     20.00     earnings
    October       60 coins on the 1st, v1: 50 × 50.03 % and 10 × 53.37 %
                  = 2.5015 → 2.50 and 0.5337 → 0.53                           3.03     earnings
    October       30 coins on the 16th, v2: 3.00 × 40.01 % = 1.2003           1.20     earnings
    October       goods of 111.10 sold at a tenth                            11.11     earnings
    November      a gift of 9 coins, a task of 5.00                           5.00     unsettled
    ============  =======================================================  ==========  ============

    In all 2.00 + 3.03 + 1.20 = 6.23 by gifts, 25.00 by tasks and 11.11 by goods: 42.34. Of it 37.34 became
    earnings, and 5.00 waits for settlement, with 9 coins.
    """
    stage = stage_on(empty_database)
    stage.tip("mei", OCTOBER - 10 * DAY, 40)
    stage.decide(Reward, GATEWAY, OCTOBER - 9 * DAY, "mei", "600 minutes", 2_000)
    settle(stage, "2026-09", OCTOBER)
    stage.tip("mei", OCTOBER + 1, 60)
    stage.tip("mei", OCTOBER + 15 * DAY, 30)
    stage.decide(GiveCommission, GATEWAY, OCTOBER, "C-1", "mei", "tea", 1_000)
    stage.decide(RecordSale, GATEWAY, OCTOBER + DAY, "O-1", "C-1", "mei", None, 11_110)
    settle(stage, "2026-10")
    stage.tip("mei", NOVEMBER + DAY, 9)
    stage.decide(Reward, GATEWAY, NOVEMBER + DAY, "mei", "again", 500)

    with serving(empty_database, sandbox(sandbox_data)) as api:
        seen = api.done("GET", "/v1/me/summary", "streamer", party="mei")
        accounts = api.earnings("mei")
        statements = api.done("GET", "/v1/me/statements", "streamer", party="mei")["statements"]
    assert _all_time(seen) == {"gift": 623, "task": 2_500, "commerce": 1_111}
    assert minor(seen["earned_in_all"]["all_time"]) == 4_234
    assert (minor(seen["gifts"]["posted"]), minor(seen["accruals"]["posted"])) == (9, 500)
    assert minor(seen["earnings"]["posted"]) == 3_734
    # What the statements say one by one is the same, and so is what the ledger says.
    assert sum(minor(statement["credited"]) for statement in statements) == 3_734
    for kind in ("gifts", "accruals", "earnings"):
        assert seen[kind]["posted"] == accounts[kind]["posted"]
    held = sum(minor(arrival["amount"]) for arrival in seen["arrivals"])
    assert minor(seen["earnings"]["available"]) == 3_734 - held
    assert minor(seen["owed"]) == 0


def test_until_a_statement_is_final_it_may_be_objected_to_and_an_adjustment_puts_it_right(
    empty_database: Database, sandbox_data: Path
) -> None:
    """G22. The policy gives seven days; the statement stays as it was issued, before and after."""
    stage = stage_on(empty_database)
    stage.tip("mei", OCTOBER + 1, 40)
    settle(stage, "2026-10")
    with serving(empty_database, sandbox(sandbox_data)) as api:
        (listed,) = api.done("GET", "/v1/me/statements", "streamer", party="mei")["statements"]
        path = f"/v1/statements/{listed['id']}"
        issued = api.ask("GET", path, "streamer", party="mei").content
        objection = api.done(
            "POST", f"{path}/objections", "streamer", {"text": "少算一笔", "line": 1}, party="mei"
        )
        put_right = stage.decide(Adjust, FINANCE, NOVEMBER + DAY, "mei", 50, "one gift was missed", None)
        api.done(
            "POST",
            f"/v1/objections/{objection['id']}/answer",
            "finance",
            {"text": "确实少算", "adjustment": str(put_right.id)},
        )
        assert api.ask("GET", path, "streamer", party="mei").content == issued
        seen = api.done("GET", "/v1/me/summary", "streamer", party="mei")
    assert _all_time(seen) == {"gift": 200, "adjustment": 50}
    with empty_database.app.connect() as connection:
        (version, _) = versions(connection)
        (found,) = statement_page(connection, "mei", NOVEMBER).statements
        assert version.policy.objection_days == 7
        assert found.heard_until - found.issued_at <= 8 * DAY
        (final,) = statement_page(connection, "mei", found.heard_until).statements
    assert (found.standing, final.standing) == (Standing.OPEN, Standing.FINAL)


def _all_time(summary: Json) -> dict[str, int]:
    """What each kind earned at all, fen; kinds that earned nothing are left out."""
    kinds = {kind["kind"]: minor(kind["earned"]["all_time"]) for kind in summary["earned"]}
    return {kind: earned for kind, earned in kinds.items() if earned}

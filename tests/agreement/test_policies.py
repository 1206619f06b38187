"""The settlement policy (费用结算政策): the platform makes and revises it; what is published stays."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from api.wiring import desks
from ledger.database import Database
from ledger.documents import sha256_of
from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from settlement.commands import Reward, SettlePeriod
from settlement.policies.document import canonical, parse
from settlement.policies.publishing import PublishPolicy
from settlement.runs import finish
from tests.api.http.serving import Api
from tests.ledger.asked import evening, head, tip
from tests.settlement.policies.writing import sample_policy


def publish(api: Api, source: str) -> Any:
    return api.ask("POST", "/v1/policies", "finance", {"document": source}).json()


def coming(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@pytest.mark.rule("LIVE-EARN-4")
def test_a_published_policy_cannot_be_edited_and_a_revision_is_a_new_version_for_later(own_api: Api) -> None:
    first = publish(own_api, sample_policy())
    # The share of 50 % becomes 40 %, under the name that is published: refused.
    lowered = ("share_bps = 5000", "share_bps = 4000")
    edited = publish(own_api, sample_policy(None, None, lowered))
    assert edited["code"] == "policy_exists"
    # As a new version for what was received already: refused too.
    backdated = publish(own_api, sample_policy("2026-10a", "2026-10-02T00:00:00+08:00", lowered))
    assert backdated["code"] == "policy_in_the_past"
    # As a new version for what is to come: published, and the first stays as it was.
    revised = publish(own_api, sample_policy("2026-12", coming(30), lowered))
    assert revised["version"] == "2026-12"
    kept = own_api.done("GET", "/v1/policies/2026-10", "streamer")
    assert (kept["document"], kept["sha256"]) == (sample_policy(), first["sha256"])
    assert [one["standing"] for one in own_api.done("GET", "/v1/policies", "streamer")["policies"]] == [
        "in force",
        "to come",
    ]


@pytest.mark.rule("LIVE-EARN-4", "G9")
def test_a_major_change_is_made_known_as_long_before_as_was_promised_and_never_less_than_a_week(
    own_api: Api,
) -> None:
    publish(own_api, sample_policy("first", None, ("notice_days = 7", "notice_days = 15")))
    major = ("major = false", "major = true")
    assert publish(own_api, sample_policy("soon", coming(14), major))["code"] == "policy_notice_too_short"
    assert publish(own_api, sample_policy("in-time", coming(16), major))["version"] == "in-time"
    hasty = publish(own_api, sample_policy("hasty", coming(40), ("notice_days = 7", "notice_days = 6")))
    assert hasty["errors"] == [{"field": "body.document.notice_days", "message": "is below 7"}]


@pytest.mark.rule("G10")
def test_shares_holds_thresholds_cycles_and_tax_are_data_of_the_version_and_none_has_a_default(
    own_api: Api,
) -> None:
    for field in (
        "hold_days = 14",
        "tiers = [{ from_coins = 0, share_bps = 5000 }]",
        "threshold_minor = 10_000",
        'cycle = "weekly"',
        "approval_above_minor = 5_000_000",
        "debt_cap_bps = 5000",
        'method = "cumulative"',
        'months_rule = "since_first"',
        "objection_days = 7",
        "notice_days = 7",
    ):
        problem = publish(own_api, sample_policy(None, None, (field, "")))
        name = field.partition(" = ")[0]
        (error,) = problem["errors"]
        assert error["field"].rpartition(".")[2] == name
        assert error["message"] == "is missing"


def decided(journal: Journal, *commands: Command) -> None:
    assert [outcome.refusal for outcome in journal.decide(commands)] == [None] * len(commands)


def settled(journal: Journal, period: str) -> list[Any]:
    """The lines of the only statement of a period's run, and the policies it rests on."""
    run = SettlePeriod(*head("finance:f1"), period)
    decided(journal, run)
    finish(journal, run.id)
    with journal.engine.connect() as connection:
        (document,) = connection.scalars(
            text("SELECT document FROM settlement.statements WHERE run = :run"), {"run": run.id}
        )
    statement = json.loads(document)
    return [statement["lines"], statement["inputs"]["policies"]]


@pytest.mark.rule("LIVE-RULE-1")
def test_what_came_under_one_version_is_settled_by_it_under_the_next_and_the_statement_names_it(
    empty_database: Database,
) -> None:
    """Given version 1 when the gift was given and version 2 later: when it is settled, version 1 is cited."""
    journal = Journal(empty_database.app, desks())
    decided(journal, *evening(), PublishPolicy(*head("finance:f1"), sample_policy()))
    # 20 October: a rose of 10 coins, ten times. Face value 10.00.
    decided(journal, tip("ana", "bo", "rose", 10))
    soon = datetime.now(UTC) + timedelta(seconds=1)
    lowered = sample_policy("lowered", soon.isoformat(), ("share_bps = 5000", "share_bps = 4000"))
    decided(journal, PublishPolicy(*head("finance:f1"), lowered))
    time.sleep(1.1)
    (line,), policies = settled(journal, "2026-10")
    # 50 % of 10.00, although 40 % is in force by now.
    assert (line["policy"], line["share_bps"], line["amount_minor"]) == ("2026-10", 5_000, 500)
    assert policies == [{"version": "2026-10", "sha256": sha256_of(canonical(parse(sample_policy())))}]


@pytest.mark.rule("LIVE-EARN-3")
def test_a_kind_that_is_not_enabled_is_recorded_and_earns_nothing_with_the_reason(
    empty_database: Database,
) -> None:
    journal = Journal(empty_database.app, desks())
    off = ("task = { enabled = true }", "task = { enabled = false }")
    decided(journal, *evening(), PublishPolicy(*head("finance:f1"), sample_policy(None, None, off)))
    reward = Reward(*head(), "bo", "600 minutes on air", 2_000)
    decided(journal, reward)
    with journal.engine.connect() as connection:
        recorded = connection.execute(
            text("SELECT kind, amount_minor, reason, policy_version FROM settlement.accruals")
        ).all()
        accrued = connection.scalar(
            text("SELECT credits_minor FROM ledger.accounts WHERE kind = 'accruals' AND owner = 'bo'")
        )
    assert [tuple(row) for row in recorded] == [("task", 0, "kind_disabled", "2026-10")]
    assert accrued == 0

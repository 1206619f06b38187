"""The registers: who is barred, what was permitted and promised, what was handed over, what is explained."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ledger.chart import AccountRef
from ledger.database import Database
from ledger.journal.commands import Command
from moderation.cases.commands import Decide, Finding, Imposed, LiftMeasure, OpenCase
from moderation.cases.writing import measure_id
from moderation.measures.standing import FOREVER
from moderation.registers import commands as asks
from moderation.registers.disclosures import disclosures_about, legal_holds
from moderation.registers.escalating import escalate_overdue
from moderation.registers.following import record_false_identity
from moderation.registers.terminations import why_no_refund
from moderation.registers.ticketing import tickets_of, tickets_waiting
from moderation.rules.document import sample
from settlement.sessions.commands import OpenSession
from tests.api.http.serving import Api, Json
from tests.moderation import saying
from tests.moderation.lately import head
from tests.moderation.registers.lists import Screened
from tests.moderation.takings.court import Court, loss
from tests.settlement.payees.sample import NAME, NUMBER, OTHER_NUMBER

PERSON = {"kind": "person", "name": NAME, "number": NUMBER}
MODERATOR = "moderator:m1"
DAY = 86_400_000_000


class House(Screened):
    """Books with people in them, and a moderator."""

    def decide(self, party: str, rule: str, *measures: str, case: str = "c-1") -> Decide:
        """A case about a party, decided at once."""
        self.did(OpenCase(*self.head(MODERATOR), case, "spot_check", party, None, "seen"))
        imposed = tuple(Imposed(kind) for kind in measures)
        decide = Decide(*self.head(MODERATOR), case, (Finding(rule),), imposed, "seen by two people")
        self.did(decide)
        return decide

    def available(self, party: str) -> dict[str, int]:
        """What the party has at its disposal, by kind of account."""
        rows = self.rows(
            "SELECT kind, CASE WHEN frozen_by > 0 THEN 0 ELSE credits_minor - debits_minor - held_minor END "
            f"FROM ledger.accounts WHERE owner = '{party}' AND normal_side = 'credit'"
        )
        return dict(rows)  # type: ignore[arg-type]

    def goes_live(self, party: str) -> Command:
        """A session is opened."""
        return OpenSession(*self.head("gateway:file"), party, "room", "求职指导", ())


def refused(house: House, command: Command) -> str | None:
    refusal = house.say(command)[0].refusal
    return refusal.code if refusal else None


@pytest.mark.rule("LIVE-BLK-1")
def test_given_a_list_that_contains_a_streamer_going_live_is_refused_and_a_case_is_open(
    empty_database: Database,
) -> None:
    house = House(empty_database)
    house.payee("bo", 50_000)
    house.payee("mei", 50_000, number=OTHER_NUMBER)
    assert refused(house, house.goes_live("mei")) is None
    fact = house.read_in(NUMBER)
    (hit,) = house.screened(fact)
    assert refused(house, house.goes_live("bo")) == "not_permitted"
    # What bo earned stands there, and does not go anywhere.
    assert house.balance("earnings", "bo")[0] == 50_000
    assert house.available("bo")["earnings"] == 0
    assert house.refused(house.request("bo")) in ("account_frozen", "not_permitted")
    found = house.rows('SELECT source, party FROM moderation.cases WHERE "case" = \'' + hit.case + "'")
    assert found == [("blacklist", "bo")]
    assert house.rows("SELECT party FROM moderation.notices") == [("bo",)]
    # Nobody else is touched.
    house.did(house.request("mei"))
    assert house.breaches() == []


@pytest.mark.rule("LIVE-BLK-1")
def test_who_is_listed_is_not_paid_even_before_anyone_has_looked(empty_database: Database) -> None:
    house = House(empty_database)
    house.payee("bo", 50_000)
    payout = house.did(house.request("bo"))
    house.read_in(NUMBER)
    assert house.refused(house.send(payout)) == "account_frozen"
    assert house.payout(payout).state == "approved"
    # Once somebody has looked and found that it is right to lift it, the list alone stops nothing.
    (hit,) = house.screened()
    assert house.refused(house.send(payout)) in ("account_frozen", "not_permitted")
    assert house.balance("bank") == (0, 0)
    assert hit.party == "bo"


@pytest.mark.rule("LIVE-ID-4")
def test_given_a_false_identity_the_total_is_unchanged_and_nothing_is_available(
    empty_database: Database,
) -> None:
    house = House(empty_database)
    house.payee("bo", 50_000)
    finding = asks.FindIdentityFalse(*house.head(MODERATOR), "bo", "the face is another's")
    assert record_false_identity(house.journal, finding).refusal is None
    assert house.balance("earnings", "bo")[0] == 50_000
    assert set(house.available("bo").values()) == {0}
    assert house.rows("SELECT source, party FROM moderation.cases") == [("spot_check", "bo")]
    assert house.refused(house.request("bo")) in ("account_frozen", "not_permitted")
    # Said again it is the first answer; said by bo about bo it is refused.
    assert record_false_identity(house.journal, finding).replayed
    assert house.rows("SELECT count(*) FROM moderation.decisions") == [(1,)]
    own = asks.FindIdentityFalse(*house.head("moderator:bo"), "bo", "no")
    outcome = record_false_identity(house.journal, own)
    assert outcome.refusal is not None
    assert outcome.refusal.code == "own_affair"


@pytest.mark.rule("LIVE-PRIN-1")
def test_unlawful_use_of_the_service_is_a_violation_of_its_own(empty_database: Database) -> None:
    house = House(empty_database)
    house.payee("bo", 50_000)
    unlawful = [code for code, item in sample().items.items() if item.group == "illegal"]
    assert unlawful
    house.decide("bo", unlawful[0], "warn")
    assert house.rows("SELECT rule FROM moderation.findings") == [(unlawful[0],)]


@pytest.mark.rule("LIVE-PRIN-2")
def test_given_no_permission_a_reported_reuse_is_a_case_with_that_code(own_api: Api) -> None:
    streamer = own_api.streamer()
    use = {"needs": "media_reuse", "detail": "a clip on another site", "used_at": "2026-10-01T20:00:00+08:00"}
    response = own_api.ask("POST", f"/v1/parties/{streamer}/uses", "moderator", use)
    without = own_api.done("GET", response.headers["location"], "moderator")
    assert without["permission"] is None
    assert without["case"]
    case = own_api.done("GET", f"/v1/cases/{without['case']}/file", "moderator")
    assert streamer in str(case)
    assert "LIVE-PRIN-2 media_reuse" in str(case)
    # With a permission that was in force then it is none; once revoked, what follows is one again.
    paper = {"allows": "media_reuse", "scope": "clips", "document": "XK-1"}
    given = paper | {"valid_from": "2026-09-01T00:00:00+08:00"}
    permission = own_api.done("POST", f"/v1/parties/{streamer}/permissions", "moderator", given)
    again = own_api.done("POST", f"/v1/parties/{streamer}/uses", "moderator", use)
    found = own_api.done("GET", f"/v1/uses/{again['id']}", "moderator")
    assert (found["permission"], found["case"]) == (permission["id"], None)
    own = own_api.done("GET", "/v1/me/permissions", "streamer", party=streamer)["permissions"]
    assert [one["document"] for one in own] == ["XK-1"]


@pytest.mark.rule("LIVE-COND-2")
def test_business_without_the_platforms_permission_is_a_case_and_media_reuse_does_not_permit_it(
    empty_database: Database,
) -> None:
    house = House(empty_database)
    now = house.head(MODERATOR)[2]
    house.did(asks.GrantPermission(*house.head(MODERATOR), "bo", "media_reuse", "clips", "XK-1", now - DAY))
    house.did(asks.RecordUse(*house.head(MODERATOR), "bo", "business", "a job was advertised", now))
    assert house.rows("SELECT party, source FROM moderation.cases") == [("bo", "spot_check")]
    permission = house.did(
        asks.GrantPermission(*house.head(MODERATOR), "bo", "business", "jobs", "XK-2", now, now + DAY)
    )
    # From its first moment on, and no longer at its end.
    for used_at, is_permitted in ((now - 1, False), (now, True), (now + DAY - 1, True), (now + DAY, False)):
        use = house.did(asks.RecordUse(*house.head(MODERATOR), "bo", "business", "again", used_at))
        ((found,),) = house.rows(f"SELECT permission FROM moderation.uses WHERE use = '{use}'")
        assert found == (permission if is_permitted else None), used_at
    house.did(asks.RevokePermission(*house.head(MODERATOR), permission, "abused"))
    twice = asks.RevokePermission(*house.head(MODERATOR), permission, "abused")
    assert house.refused(twice) == "permission_ended"


@pytest.mark.rule("LIVE-PROMISE-1")
def test_a_promise_that_was_not_kept_is_a_case_in_which_its_damage_is_claimed(
    empty_database: Database,
) -> None:
    house = House(empty_database)
    house.payee("bo", 50_000)
    due = house.head("streamer:bo")[2] + DAY
    promise = house.did(asks.RecordPromise(*house.head("streamer:bo"), "bo", None, "抽奖十份", due))
    own = asks.ResolvePromise(*house.head("moderator:bo"), promise, True, "kept")
    assert house.refused(own) == "own_affair"
    broken = asks.ResolvePromise(*house.head(MODERATOR), promise, False, "nobody was given anything")
    house.did(broken)
    found = house.rows('SELECT "case", party FROM moderation.cases')
    assert found == [(broken.case, "bo")]
    assert (
        house.refused(asks.ResolvePromise(*house.head(MODERATOR), promise, True, "no")) == "promise_resolved"
    )
    assert house.breaches() == []


@pytest.mark.rule("LIVE-PROMISE-1")
def test_what_a_broken_promise_cost_the_platform_is_owed_by_the_streamer(empty_database: Database) -> None:
    court = Court(empty_database)
    promise = asks.RecordPromise(*head("streamer:bo"), "bo", None, "抽奖十份", 2**50)
    broken = asks.ResolvePromise(*head("moderator:mo"), promise.id, False, "the platform gave the prizes")
    court.done(promise, broken)
    court.prove(broken.case)
    claim = court.preview("damages", broken.case, losses=(loss(40_000),))
    measure = Imposed("damages", "bo", preview=claim)
    assert court.execute(court.decide(measure, case=broken.case, rule="promise_broken"))
    # Bo has nothing: all of it stays owed.
    assert court.balances("bo") == {AccountRef("debt", "bo"): 40_000}
    court.sound()


@pytest.mark.rule("LIVE-MOD-5")
def test_a_streamer_mutes_removes_and_reports_and_a_mute_stops_no_tip(own_api: Api) -> None:
    streamer, viewer, gift = own_api.streamer(), own_api.viewer(coins=100), own_api.gift(10)
    for act in ("mute", "remove", "report"):
        action = {"room": "room-1", "participant": viewer, "act": act, "reason": "刷屏"}
        own_api.done("POST", "/v1/me/room-actions", "streamer", action, party=streamer)
    assert own_api.tip(viewer, streamer, gift).status_code == 201
    seen = own_api.done("GET", "/v1/me/room-actions", "streamer", party=streamer)["actions"]
    assert [one["act"] for one in seen] == ["report", "remove", "mute"]
    by_moderator = own_api.done("GET", f"/v1/parties/{streamer}/room-actions", "moderator")["actions"]
    assert by_moderator == seen
    assert (
        own_api.ask("GET", f"/v1/parties/{streamer}/room-actions", "streamer", party=streamer).status_code
        == 403
    )


@pytest.mark.rule("LIVE-MOD-9")
def test_what_is_handed_to_an_authority_rests_on_a_legal_hold_and_is_on_record(
    empty_database: Database,
) -> None:
    house = House(empty_database)
    house.payee("bo", 50_000)
    decide = house.decide("bo", "identity_false", "legal_hold")
    hold = measure_id(decide.id, 0)
    now = house.head(MODERATOR)[2]
    with house.database.app.connect() as connection:
        # Whoever deletes, closes or pays out is told to leave bo alone, and why.
        (measure,) = legal_holds(connection, ["bo", "mei"], now).values()
    assert (measure.party, measure.case, measure.end) == ("bo", "c-1", FOREVER)
    assert house.refused(house.request("bo")) == "not_permitted"
    wanted = ("公安局", "调取函 1", ("statements of 2026",))
    unknown = asks.RecordDisclosure(*house.head(MODERATOR), uuid4(), *wanted)
    assert house.refused(unknown) == "legal_hold_not_found"
    house.did(asks.RecordDisclosure(*house.head(MODERATOR), hold, *wanted))
    with house.database.app.connect() as connection:
        (found,) = disclosures_about(connection, "bo", before=2**62, limit=5)
    assert (found.authority, found.disclosed, found.disclosed_by) == (wanted[0], wanted[2], MODERATOR)
    house.did(LiftMeasure(*house.head(MODERATOR), hold, "closed"))
    assert (
        house.refused(asks.RecordDisclosure(*house.head(MODERATOR), hold, *wanted)) == "legal_hold_not_found"
    )


@pytest.mark.rule("LIVE-CONTACT-1")
def test_given_an_objection_that_nobody_answers_in_time_it_is_escalated(empty_database: Database) -> None:
    house = House(empty_database)
    house.payee("bo", 50_000)
    earned = house.rows("SELECT id FROM ledger.decisions WHERE kind = 'earned'")[0][0]
    ticket = house.did(saying.ticket(house.head("streamer:bo"), "bo", "entry", str(earned), "少算了"))
    foreign = saying.ticket(house.head("streamer:mei"), "mei", "entry", str(earned), "mine?")
    assert house.refused(foreign) == "ticket_subject_not_found"
    with house.database.app.connect() as connection:
        (filed,) = tickets_of(connection, "bo", before=2**62, limit=5)
    # Five working days after the Monday on which it was filed, but for the National Day holidays.
    due = datetime.fromtimestamp(filed.due_at / 1e6, tz=UTC) + timedelta(hours=8)
    assert due > datetime(2026, 10, 12, tzinfo=UTC)
    assert escalate_overdue(house.journal, filed.due_at - 1) == 0
    assert escalate_overdue(house.journal, filed.due_at) == 1
    assert escalate_overdue(house.journal, filed.due_at + DAY) == 0
    with house.database.app.connect() as connection:
        (waiting,) = tickets_waiting(connection, unless_of="m1", limit=5)
        assert tickets_waiting(connection, unless_of="bo", limit=5) == []
    assert waiting.is_escalated
    house.did(asks.AnswerTicket(*house.head(MODERATOR), ticket, "已补发"))
    assert house.refused(asks.AnswerTicket(*house.head(MODERATOR), ticket, "again")) == "ticket_answered"
    notices = house.rows("SELECT kind, party FROM moderation.notices ORDER BY number")
    assert notices == [("ticket_escalated", "bo"), ("ticket_answered", "bo")]


@pytest.mark.rule("VAS-TERM-1")
def test_given_a_terminated_service_a_refund_is_denied_with_the_case_and_the_coins_stay(own_api: Api) -> None:
    viewer = own_api.viewer(coins=100)
    asked: Json = {"about": "refund", "text": "请退款"}
    own_api.done("POST", "/v1/me/tickets", "viewer", asked, party=viewer)
    journal = own_api.app.state.service.house.journal
    at = 1_790_000_000_000_000
    opened = OpenCase(uuid4(), MODERATOR, at, None, "c-9", "spot_check", viewer, None, "seen")
    decide = Decide(
        uuid4(),
        MODERATOR,
        at,
        None,
        "c-9",
        (Finding("identity_false"),),
        (Imposed("terminate_service"),),
        "重大违约",
    )
    assert [outcome.refusal for outcome in journal.decide([opened, decide])] == [None, None]
    refusal = own_api.refused("POST", "/v1/me/tickets", "viewer", asked, party=viewer)
    assert (refusal["code"], refusal["case"]) == ("service_terminated", "c-9")
    assert own_api.wallet(viewer)["posted"]["amount"] == "100"
    with journal.engine.connect() as connection:
        assert why_no_refund(connection, [viewer], at)[viewer].case == "c-9"

"""What a person may not do now: measures that overlap, end, and are lifted early."""

from collections.abc import Callable
from datetime import datetime
from time import time_ns
from uuid import UUID, uuid4

import msgspec
import pytest

from ledger.instants import MICROSECONDS_PER_DAY, datetime_of
from ledger.journal.commands import Command
from moderation.cases.commands import Decide, Imposed, LiftMeasure
from moderation.cases.writing import measure_id
from moderation.measures.kinds import Feature, MeasureKind
from moderation.measures.reading import standing_of
from moderation.measures.standing import FOREVER, Measure, barred
from settlement.payouts.commands import RequestPayout
from settlement.sessions.commands import OpenSession
from tests.moderation.lately import head, tip, top_up, viewer
from tests.moderation.takings.court import Court

NOW = time_ns() // 1_000
DAY = MICROSECONDS_PER_DAY


def live(party: str = "bo") -> OpenSession:
    return OpenSession(*head("gateway:app"), party, "room", "music", ())


def bar(court: Court, account: str, owner: str = "bo") -> tuple[datetime | None, datetime | None]:
    """Until when nothing goes out, and nothing comes in; None when nothing bars it now."""
    query = """
    SELECT CASE WHEN outgoing_barred_until > now() THEN outgoing_barred_until END,
           CASE WHEN incoming_barred_until > now() THEN incoming_barred_until END
    FROM ledger.accounts WHERE kind = :kind AND owner = :owner
    """
    out, incoming = court.rows(query, kind=account, owner=owner)[0]
    return out, incoming


def restricted(court: Court, feature: str, *, days: int | None, case: str, party: str = "bo") -> UUID:
    until = None if days is None else NOW + days * DAY
    decision = court.deciding(Imposed("restrict", feature=feature, until=until), case=case)
    court.done(decision)
    return measure_id(decision.id, 0)


def lift(court: Court, measure: UUID) -> None:
    court.done(LiftMeasure(*head("moderator:mo"), measure, "no longer needed"))


STOPPED: dict[str, tuple[str, Callable[[], Command], str]] = {
    "tip": ("ana", lambda: tip("ana", "bo", "rose"), "not_permitted"),
    "top_up": ("ana", lambda: top_up("ana", 10), "not_permitted"),
    "receive": ("bo", lambda: tip("ana", "bo", "rose"), "not_permitted"),
    "stream": ("bo", live, "not_permitted"),
    "withdraw": ("bo", lambda: RequestPayout(*head("streamer:bo"), "bo", None), "not_permitted"),
}


@pytest.mark.parametrize("feature", STOPPED)
def test_each_feature_is_stopped_from_the_next_command_on_and_allowed_again_when_lifted(
    court: Court, feature: str
) -> None:
    party, asked, code = STOPPED[feature]
    court.earn(100)
    court.settle()
    court.case(party=party)
    assert court.code(asked()) != code
    measure = restricted(court, feature, days=None, case="k1", party=party)
    with court.database.app.connect() as connection:
        standing = standing_of(connection, party, NOW)
    assert [(one.feature.value, one.until, one.by.case) for one in standing.barred] == [
        (feature, FOREVER, "k1")
    ]
    assert court.code(asked()) == code
    lift(court, measure)
    assert court.code(asked()) in (None, "payee_not_verified", "session_open")
    court.sound()


def test_of_two_cases_the_later_end_bars_and_lifting_one_leaves_the_other(court: Court) -> None:
    court.case("k1")
    court.case("k2")
    short = restricted(court, "receive", days=3, case="k1")
    long = restricted(court, "receive", days=9, case="k2")
    assert bar(court, "gifts") == (None, datetime_of(NOW + 9 * DAY))
    lift(court, long)
    assert bar(court, "gifts") == (None, datetime_of(NOW + 3 * DAY))
    lift(court, short)
    assert bar(court, "gifts") == (None, None)
    court.sound()


def test_a_shorter_restriction_never_shortens_a_longer_one(court: Court) -> None:
    court.case("k1")
    court.case("k2")
    restricted(court, "tip", days=None, case="k1")
    restricted(court, "withdraw", days=9, case="k1")
    restricted(court, "withdraw", days=3, case="k2")
    assert bar(court, "earnings") == (datetime_of(NOW + 9 * DAY), None)
    court.sound()


def test_two_measures_decided_and_one_lifted_in_one_batch_leave_what_is_left(court: Court) -> None:
    court.case("k1")
    first = court.deciding(Imposed("restrict", feature="receive", until=NOW + 5 * DAY))
    second = msgspec.structs.replace(
        court.deciding(Imposed("restrict", feature="receive", until=NOW + 7 * DAY)), latest=first.id
    )
    court.done(first, second)
    court.done(
        LiftMeasure(*head("moderator:mo"), measure_id(second.id, 0), "wrong"),
        Decide(
            *head("moderator:mo"),
            "k1",
            second.findings,
            (Imposed("restrict", feature="receive", until=NOW + 6 * DAY),),
            "again",
            second.id,
        ),
    )
    assert bar(court, "gifts") == (None, datetime_of(NOW + 6 * DAY))
    court.sound()


@pytest.mark.parametrize(
    ("kind", "service", "barred_features"),
    [
        ("pause", "paused", {"stream"}),
        ("suspend_service", "suspended", {"stream", "receive", "tip", "top_up"}),
        ("terminate_service", "terminated", {"stream", "receive", "tip", "top_up"}),
        ("close_account", "closed", {"stream", "receive", "tip", "top_up", "comment"}),
        ("recover_account", "recovered", {feature.value for feature in Feature}),
        ("legal_hold", "restricted", {"withdraw"}),
    ],
)
def test_what_each_measure_leaves_of_the_service(
    court: Court, kind: str, service: str, barred_features: set[str]
) -> None:
    court.done(viewer("bo"))
    court.case("k1")
    court.done(court.deciding(Imposed(kind), rule="illegal_cults"))
    with court.database.app.connect() as connection:
        standing = standing_of(connection, "bo", NOW)
    assert standing.service == service
    assert {one.feature.value for one in standing.barred} == barred_features
    assert court.code(live()) == ("not_permitted" if "stream" in barred_features else None)
    court.sound()


def test_who_was_closed_still_withdraws_what_is_not_held(court: Court) -> None:
    court.earn(100)
    court.settle()
    court.case("k1")
    court.done(court.deciding(Imposed("close_account")))
    asked = RequestPayout(*head("streamer:bo"), "bo", None)
    assert court.code(asked) == "payee_not_verified"


def test_what_bars_last_is_what_is_told() -> None:
    def measure(n: int, until: int | None, kind: MeasureKind, feature: Feature | None = None) -> Measure:
        return Measure(uuid4(), uuid4(), f"k{n}", n, kind, "bo", feature, until)

    measures = [
        measure(0, NOW + 5, MeasureKind.RESTRICT, Feature.TIP),
        measure(1, NOW + 9, MeasureKind.SUSPEND_SERVICE),
        measure(2, NOW, MeasureKind.RESTRICT, Feature.WITHDRAW),
        measure(3, None, MeasureKind.PAUSE),
    ]
    found = barred(measures, NOW)
    assert {feature: (one.until, one.by.case) for feature, one in found.items()} == {
        Feature.TIP: (NOW + 9, "k1"),
        Feature.TOP_UP: (NOW + 9, "k1"),
        Feature.RECEIVE: (NOW + 9, "k1"),
        Feature.STREAM: (FOREVER, "k3"),
    }

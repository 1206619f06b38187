"""Several processes post to the same books: whatever meets, all are told one truth, and it adds up."""

from collections.abc import Iterator, Sequence
from random import Random
from uuid import UUID, uuid4

import pytest
from msgspec.structs import astuple, replace
from sqlalchemy import text

from api.audits import all_audits
from api.wiring import desks
from ledger.audits.verify import verify
from ledger.database import Database
from ledger.gifts.commands import SetLimits
from ledger.journal.commands import Command, Outcome
from ledger.journal.journal import Journal
from ledger.journal.reversals import Reverse
from ledger.kernel.entries import Limits
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import Reward
from tests.faults.posters import PROCESSES, Posters, Told
from tests.ledger.asked import evening, head, price, streamer, tip, top_up, viewer

VIEWERS = [f"v{number}" for number in range(10)]


@pytest.fixture(scope="module")
def posters() -> Iterator[Posters]:
    with Posters() as posters:
        yield posters


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    journal = Journal(empty_database.app, desks())
    journal.decide([*evening(), *(viewer(who) for who in VIEWERS), *(top_up(who, 5_000) for who in VIEWERS)])
    return journal


def codes(outcomes: Sequence[Outcome]) -> list[str | None]:
    return [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]


def batches(commands: Sequence[Command], size: int) -> list[Sequence[Command]]:
    return [commands[start : start + size] for start in range(0, len(commands), size)]


def posted(journal: Journal, kind: str, owner: str) -> int:
    statement = text(
        "SELECT credits_minor - debits_minor FROM ledger.accounts WHERE kind = :k AND owner = :o"
    )
    with journal.engine.connect() as connection:
        return int(connection.execute(statement, {"k": kind, "o": owner}).scalar_one())


def assert_nothing_is_wrong(journal: Journal) -> None:
    assert [str(breach) for breach in verify(journal.engine, all_audits())] == []


def assert_all_were_told_the_same(told: Sequence[Told]) -> dict[UUID, Outcome]:
    """One decision an id: one process is told it first, the others hear it again; what was decided, by id."""
    answers: dict[UUID, list[Outcome]] = {}
    for outcome in (outcome for process in told for outcome in process.outcomes):
        answers.setdefault(outcome.id, []).append(outcome)
    for id, heard in answers.items():
        first = [outcome for outcome in heard if not outcome.replayed]
        assert len(first) == 1, f"{id} was decided {len(first)} times"
        assert {repr(replace(outcome, replayed=False)) for outcome in heard} == {repr(first[0])}
    return {id: next(outcome for outcome in heard if not outcome.replayed) for id, heard in answers.items()}


def test_overlapping_batches_in_any_order_are_decided_once_and_add_up(
    posters: Posters, empty_database: Database, journal: Journal
) -> None:
    random = Random(1)
    commands: list[Command] = [
        tip(random.choice(VIEWERS), "bo", "rose", random.choice((1, 3, 30, 600))) for _ in range(400)
    ]
    commands += [top_up(random.choice(VIEWERS), 100) for _ in range(40)]
    commands += [Reward(*head(), "bo", "task", 100) for _ in range(40)]
    commands += [Freeze(*head("moderator:m"), who, "wallet", 50, "c", "r") for who in VIEWERS]
    commands += [Register(*head(), f"new {number % 7}", ("viewer", "streamer")) for number in range(20)]
    ways = [commands, commands[::-1], *(random.sample(commands, len(commands)) for _ in range(PROCESSES - 2))]
    told = posters.post(
        empty_database, [batches(way, size) for way, size in zip(ways, (100, 100, 37, 11, 250), strict=True)]
    )
    decided = assert_all_were_told_the_same(told)
    assert decided.keys() == {command.id for command in commands}
    tips = [outcome for outcome in decided.values() if outcome.refusal is None and outcome.moved]
    accepted = {command.id for command in commands if type(command).kind == "tip"} & {o.id for o in tips}
    given = sum(outcome.moved[0].amount_minor for outcome in tips if outcome.id in accepted)
    assert posted(journal, "gifts", "bo") == given
    assert posted(journal, "accruals", "bo") == 4_000
    assert sum(posted(journal, "wallet", who) for who in VIEWERS) == 50_000 + 4_000 - given
    assert_nothing_is_wrong(journal)


def test_ids_in_opposite_order_block_nobody_for_good(
    posters: Posters, empty_database: Database, journal: Journal
) -> None:
    commands = [
        tip(who, "bo", "rose", id=UUID(int=number << 100 | 7 << 76 | 8 << 60 | number))
        for number, who in enumerate(VIEWERS * 10, start=1)
    ]
    ways = [commands if process % 2 else commands[::-1] for process in range(PROCESSES)]
    told = posters.post(empty_database, [batches(way, 5) for way in ways])
    assert set(codes(list(assert_all_were_told_the_same(told).values()))) == {None}
    assert posted(journal, "gifts", "bo") == 1_000
    assert_nothing_is_wrong(journal)


def test_one_file_played_by_all_in_any_cuts_comes_to_what_one_alone_comes_to(
    posters: Posters,
    empty_database: Database,
    server: Database,
    request: pytest.FixtureRequest,
) -> None:
    """Who comes behind finds the accounts, prices, limits and freezes that those ahead have just made."""
    random = Random(2)
    file: list[Command] = [*evening()]
    for number in range(60):
        who, late = f"viewer {number}", Freeze(*head("moderator:m"), "ana", "wallet", 5, "c", "r")
        file += [viewer(who), top_up(who, 200), tip(who, "bo", "rose")]
        file += [price("rose", random.choice((9, 10, 11))), tip("ana", "bo", "rose"), late]
        file += [SetLimits(*head(), per_tip=random.choice((9, 10, 30)), per_day=random.choice((100, None)))]
        file += [tip(who, "bo", "rose", random.choice((1, 3))), tip("ana", "bo", "rose")]
        end = Lift(*head("moderator:m"), late.id, "c")
        file += [random.choice((end, Forfeit(*head("moderator:m"), late.id, 2, "ZLB", "c", "r")))]
    with server.scratch(copy_of=request.getfixturevalue("_migrated")) as other:
        alone = [
            outcome for batch in batches(file, 50) for outcome in Journal(other.app, desks()).decide(batch)
        ]
    sizes = (7, 23, 50, 64, 101)
    told = posters.post(empty_database, [batches(file, size) for size in sizes])
    decided = assert_all_were_told_the_same(told)
    ran_again = sum(process.transactions for process in told) - sum(-(-len(file) // size) for size in sizes)
    assert ran_again > 0, "nobody met anybody: this was no race"
    for command, expected in zip(file, alone, strict=True):
        assert codes([decided[command.id]]) == codes([expected]), f"{command}"
        assert decided[command.id].moved == expected.moved, f"{command}"
    assert_nothing_is_wrong(Journal(empty_database.app, desks()))


def test_an_id_used_for_several_accounts_is_decided_for_one_and_a_conflict_for_the_rest(
    posters: Posters, empty_database: Database, journal: Journal
) -> None:
    ids = [uuid4() for _ in range(40)]
    asked = [[tip(VIEWERS[process], "bo", "rose", id=id) for id in ids] for process in range(PROCESSES)]
    told = posters.post(empty_database, [batches(theirs, 4) for theirs in asked])
    for number in range(len(ids)):
        heard = sorted(str(code) for code in codes([process.outcomes[number] for process in told]))
        assert heard == ["None", *["id_conflict"] * (PROCESSES - 1)]
    assert posted(journal, "gifts", "bo") == 400
    paid = [5_000 - posted(journal, "wallet", who) for who in VIEWERS[:PROCESSES]]
    accepted = [codes(process.outcomes).count(None) for process in told]
    assert paid == [10 * count for count in accepted]
    assert_nothing_is_wrong(journal)


def test_one_payment_is_credited_once_whoever_tells_of_it(
    posters: Posters, empty_database: Database, journal: Journal
) -> None:
    payments = [f"payment {number}" for number in range(30)]
    told = posters.post(
        empty_database,
        [
            batches([top_up(VIEWERS[process], 7, payment) for payment in payments], 3)
            for process in range(PROCESSES)
        ],
    )
    for number, payment in enumerate(payments):
        heard = codes([process.outcomes[number] for process in told])
        assert heard.count(None) == 1, f"{payment} was credited {heard.count(None)} times"
        assert heard.count("payment_already_credited") == PROCESSES - 1
    assert sum(posted(journal, "wallet", who) for who in VIEWERS) == 50_000 + 30 * 7
    assert_nothing_is_wrong(journal)


def test_one_entry_is_reversed_once_whoever_asks(
    posters: Posters, empty_database: Database, journal: Journal
) -> None:
    tips = [tip(who, "bo", "rose") for who in VIEWERS * 3]
    journal.decide(tips)
    told = posters.post(
        empty_database,
        [
            batches([Reverse(*head("finance:f"), given.id, "by mistake") for given in way], 4)
            for way in (tips, tips, tips, tips, tips)
        ],
    )
    for number in range(len(tips)):
        heard = codes([process.outcomes[number] for process in told])
        assert (heard.count(None), heard.count("already_reversed")) == (1, PROCESSES - 1)
    assert posted(journal, "gifts", "bo") == 0
    assert [posted(journal, "wallet", who) for who in VIEWERS] == [5_000] * len(VIEWERS)
    assert_nothing_is_wrong(journal)


def test_a_party_registered_by_all_at_once_has_one_account_of_a_kind(
    posters: Posters, empty_database: Database, journal: Journal
) -> None:
    random = Random(3)
    names = [f"party {number}" for number in range(30)]

    def way() -> list[Command]:
        mixed = random.sample(names, len(names))
        return [
            *(random.choice((viewer, streamer))(name) for name in mixed),
            *(Register(*head(), name, ("streamer", "viewer")) for name in mixed),
        ]

    told = posters.post(empty_database, [batches(way(), size) for size in (1, 5, 10, 20, 60)])
    assert {code for process in told for code in codes(process.outcomes)} == {None}
    count = text(
        "SELECT count(*), count(DISTINCT (kind, owner)) FROM ledger.accounts WHERE owner LIKE 'party %'"
    )
    with empty_database.app.connect() as connection:
        assert tuple(connection.execute(count).one()) == (180, 180)
    assert_nothing_is_wrong(journal)


def test_a_freeze_is_ended_once_and_what_it_held_is_taken_once(
    posters: Posters, empty_database: Database, journal: Journal
) -> None:
    freezes = [Freeze(*head("moderator:m"), who, "wallet", 40, "c", "r") for who in VIEWERS * 2]
    journal.decide(freezes)
    lifts = [Lift(*head("moderator:m"), freeze.id, "c") for freeze in freezes]
    forfeits = [Forfeit(*head("moderator:m"), freeze.id, 30, "ZLB", "c", "r") for freeze in freezes]
    own = [
        [replace(command, id=uuid4()) for command in (lifts if process % 2 else forfeits)]
        for process in range(PROCESSES)
    ]
    told = posters.post(empty_database, [batches(theirs, 3) for theirs in own])
    ended = [codes([process.outcomes[number] for process in told]) for number in range(len(freezes))]
    assert [heard.count(None) for heard in ended] == [1] * len(freezes)
    taken = sum(codes(process.outcomes).count(None) for process in told[::2])
    assert posted(journal, "coins_forfeited", "platform") == 30 * taken
    assert_nothing_is_wrong(journal)


@pytest.mark.rule("LIVE-TIP-5")
@pytest.mark.parametrize(
    ("limits", "days", "accepted"),
    [
        (Limits(per_day=1_000), (0,), 33),
        (Limits(tips_per_day=7), (0,), 7),
        (Limits(per_month=1_000), (0, 1, 2), 33),
        (Limits(tips_per_month=11), (0, 1, 2), 11),
    ],
    ids=["coins a day", "tips a day", "coins a month", "tips a month"],
)
def test_whatever_races_a_limit_is_reached_and_never_passed(
    posters: Posters,
    empty_database: Database,
    journal: Journal,
    limits: Limits,
    days: Sequence[int],
    accepted: int,
) -> None:
    journal.decide([SetLimits(*head(), *astuple(limits))])
    random = Random(4)

    def way() -> list[Command]:
        return [tip("v0", "bo", "rose", 3, day=random.choice(days)) for _ in range(60)]

    told = posters.post(empty_database, [batches(way(), size) for size in (1, 2, 5, 10, 20)])
    heard = [code for process in told for code in codes(process.outcomes)]
    assert (heard.count(None), set(heard)) == (accepted, {None, "limit_exceeded"})
    assert posted(journal, "gifts", "bo") == 30 * accepted
    assert_nothing_is_wrong(journal)

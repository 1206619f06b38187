"""A house where people report each other: everything of a report in a line or two, for tests."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from api.audits import all_audits
from api.wiring import desks
from ledger.audits.verify import verify
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, instant_of
from ledger.journal.commands import Command, Outcome
from ledger.journal.journal import Journal
from ledger.parties import Register
from moderation.cases.commands import OpenCase
from moderation.reports import commands as asks
from moderation.reports.states import Report, read_reports
from tests.settlement.payees.sample import KEYS, NAME, NUMBER

#: 2026-10-30, 20:00 in China.
EVENING = instant_of(datetime(2026, 10, 30, 12, tzinfo=UTC))
DAY = MICROSECONDS_PER_DAY

#: An item of the shipped catalogue of each kind: anyone may point at it, or infringement.
OBSCENE, SLANDER, FLOODING = "illegal_obscenity", "rights_slander", "unfriendly_flooding"
WORDS = "他在直播间里造谣说我欠钱不还"


class Intake:
    """A journal with two viewers, a streamer and two moderators."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.journal = Journal(database.app, desks())
        self.at = EVENING
        self.decide(Register(*self.head("gateway:g"), "ana", ("viewer",)))
        self.decide(Register(*self.head("gateway:g"), "bo", ("viewer",)))
        self.decide(Register(*self.head("gateway:g"), "mei", ("streamer",)))

    def head(self, actor: str, id: UUID | None = None) -> tuple[UUID, str, int, None]:
        self.at += 1_000_000
        return id or uuid4(), actor, self.at, None

    def ask(self, command: Command) -> Outcome:
        return self.journal.decide([command])[0]

    def decide(self, command: Command) -> UUID:
        outcome = self.ask(command)
        assert outcome.refusal is None, outcome.refusal
        return command.id

    def refused(self, command: Command) -> str:
        refusal = self.ask(command).refusal
        return refusal.code if refusal else "accepted"

    def report(
        self,
        category: str = OBSCENE,
        *,
        reporter: str = "ana",
        target: str = "mei",
        words: str = WORDS,
        proof: bool = False,
        channel: asks.Channel = "button",
    ) -> asks.FileReport:
        head = self.head(f"viewer:{reporter}")
        name = KEYS.personal(head[0], reporter, "name", NAME) if proof else None
        number = KEYS.personal(head[0], reporter, "number", NUMBER) if proof else None
        said = KEYS.personal(head[0], reporter, "text", words)
        return asks.FileReport(
            *head, reporter, channel, target, None, self.at - DAY, category, said, name, number
        )

    def filed(self, category: str = OBSCENE, **more: Any) -> UUID:
        return self.decide(self.report(category, **more))

    def materials(self, report: UUID, reporter: str = "ana") -> asks.HandInMaterials:
        head = self.head(f"viewer:{reporter}")
        name = KEYS.personal(head[0], reporter, "name", NAME)
        number = KEYS.personal(head[0], reporter, "number", NUMBER)
        return asks.HandInMaterials(*head, report, reporter, name, number)

    def file(self, report: UUID, content: bytes = b"a picture", reporter: str = "ana") -> asks.AddReportFile:
        head = self.head(f"viewer:{reporter}")
        digest = sha256(content).hexdigest()
        return asks.AddReportFile(*head, report, reporter, digest, "image/png", len(content))

    def claim(self, report: UUID, moderator: str = "mod") -> asks.ClaimReport:
        return asks.ClaimReport(*self.head(f"moderator:{moderator}"), report)

    def let_go(self, report: UUID, moderator: str = "mod") -> asks.LetGoOfReport:
        return asks.LetGoOfReport(*self.head(f"moderator:{moderator}"), report)

    def ask_more(self, report: UUID, moderator: str = "mod") -> asks.AskForMaterials:
        return asks.AskForMaterials(*self.head(f"moderator:{moderator}"), report, "请补充截图")

    def accept(self, report: UUID, case: str | None = None, moderator: str = "mod") -> asks.AcceptReport:
        return asks.AcceptReport(*self.head(f"moderator:{moderator}"), report, case)

    def reject(self, report: UUID, *, bad_faith: bool = False, moderator: str = "mod") -> asks.RejectReport:
        return asks.RejectReport(*self.head(f"moderator:{moderator}"), report, "没有依据", bad_faith)

    def case(self, name: str, party: str = "mei") -> str:
        self.decide(OpenCase(*self.head("moderator:mod"), name, "spot_check", party, None, "抽查"))
        return name

    def stands(self, report: UUID) -> Report:
        with self.database.app.connect() as connection:
            return read_reports(connection, [report])[report]

    def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        with self.database.owner.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def told(self, party: str) -> list[str]:
        return [
            str(row[0])
            for row in self.rows(
                "SELECT text FROM moderation.notices WHERE party = :party ORDER BY number", party=party
            )
        ]

    def check(self) -> None:
        """The books keep every promise."""
        assert [str(breach) for breach in verify(self.database.app, all_audits())] == []

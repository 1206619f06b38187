"""Publishing (发布): a policy document becomes the version that will be in force. Rule: LIVE-EARN-4."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from sqlalchemy import Connection, insert

from ledger.chart import AccountRef, platform_account
from ledger.documents import sha256_of
from ledger.instants import MICROSECONDS_PER_DAY, instant_of, written_in_utc
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.policies.document import Policy, canonical, parse
from settlement.policies.refusals import (
    PolicyExists,
    PolicyInThePast,
    PolicyNoticeTooShort,
    PolicyNotLater,
)
from settlement.policies.tables import policies
from settlement.policies.versions import Version, in_force, versions


class PublishPolicy(Command, frozen=True, gc=False):
    """Finance publishes a policy, given as the TOML text that people wrote. It must be a policy."""

    source: str

    kind: ClassVar[str] = "policy"


POLICY_COMMANDS: tuple[type[Command], ...] = (PublishPolicy,)


class PolicyPage(Page):
    """The versions published, moving on with the batch.

    Nothing is read before the locks: another version may be published while we wait for them.
    """

    def __init__(self, commands: Sequence[Command], announce: Callable[[Version], None]) -> None:
        """``announce`` is told of every version that is published: what accrues after it rests on it."""
        self._announce = announce
        sources = [command.source for command in commands if isinstance(command, PublishPolicy)]
        self._policies = {source: parse(source) for source in sources}
        self._published: list[Version] = []
        self._rows: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """What every settlement locks too: it sees a version wholly, or before it was published."""
        if self._policies:
            yield platform_account("coin_liability")

    def after_locks(self, connection: Connection, books: Books) -> None:
        """The versions there are; none is added meanwhile."""
        if self._policies:
            self._published = versions(connection)

    def plan(self, command: PublishPolicy, books: Books) -> Entry | Refusal:
        """Refuses what :func:`judged` does.

        The first version may be in force from any time: it also covers what was received before.
        """
        policy = self._policies[command.source]
        refusal = judged(policy, self._published, books.now) if self._published else None
        return refusal or Entry("policy", f"policy:{policy.version}", ())

    def accepted(self, command: PublishPolicy, posted: Posted) -> None:
        """A version published is one that the next has to follow."""
        policy = self._policies[command.source]
        document = canonical(policy)
        digest = sha256_of(document)
        version = Version(posted.seq, policy.version, instant_of(policy.effective_at), digest, policy)
        self._published.append(version)
        self._announce(version)
        self._rows.append(
            {
                "version": policy.version,
                "entry": posted.seq,
                "effective_at": policy.effective_at,
                "sha256": bytes.fromhex(digest),
                "document": document,
                "source": command.source,
            }
        )

    def write(self, connection: Connection) -> None:
        """The versions published."""
        if self._rows:
            connection.execute(insert(policies), self._rows)


def judged(policy: Policy, published: Sequence[Version], now: int) -> Refusal | None:
    """Why a policy cannot follow the versions published, if there is a reason. ``now`` is an instant.

    Refuses ``policy_exists``, ``policy_in_the_past``, ``policy_not_later``, ``policy_notice_too_short``.
    The notice of a major change is what the version in force now promises.
    """
    version, effective_at = policy.version, instant_of(policy.effective_at)
    if any(other.version == version for other in published):
        return PolicyExists(version)
    if effective_at <= now:
        return PolicyInThePast(version, written_in_utc(effective_at), written_in_utc(now))
    last = published[-1]
    if effective_at <= last.effective_at:
        return PolicyNotLater(
            version, written_in_utc(effective_at), last.version, written_in_utc(last.effective_at)
        )
    current = in_force(published, now)
    assert current is not None
    notice_days = current.policy.notice_days
    earliest = now + notice_days * MICROSECONDS_PER_DAY
    if policy.major and effective_at < earliest:
        return PolicyNoticeTooShort(
            version, written_in_utc(effective_at), notice_days, written_in_utc(earliest)
        )
    return None

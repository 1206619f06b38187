"""Written permissions (书面许可), and what was done with or without one. LIVE-PRIN-2, LIVE-COND-2."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, select

from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.cases.writing import CaseRows
from moderation.persons import is_about_oneself
from moderation.registers.commands import Allowance, GrantPermission, RecordUse, RevokePermission
from moderation.registers.page import RegisterPage
from moderation.registers.permitting import Permission, permits
from moderation.registers.refusals import OwnAffair, PermissionEnded, PermissionNotFound
from moderation.registers.tables import permission_ends, permissions, uses

PermissionCommand = GrantPermission | RevokePermission | RecordUse


class PermissionDesk:
    """Plans ``permission``, ``permission_revoked`` and ``use``."""

    commands: tuple[type[Command], ...] = (GrantPermission, RevokePermission, RecordUse)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "PermissionPage":
        """The permissions that are revoked, and those of everyone who used one."""
        revoked = [command.permission for command in commands if isinstance(command, RevokePermission)]
        parties = [command.party for command in commands if isinstance(command, RecordUse)]
        known = {one.permission: one for one in permissions_of(connection, parties)}
        known |= {one.permission: one for one in _named(connection, revoked)}
        return PermissionPage(known)


class PermissionPage(RegisterPage):
    """Permissions as they stand, moving on with the batch."""

    def __init__(self, known: dict[UUID, Permission]) -> None:
        super().__init__()
        self._known = known
        self._cases = CaseRows()

    def plan(self, command: PermissionCommand, books: Books) -> Entry | Refusal:
        """Refuses ``own_affair``, ``permission_not_found`` and ``permission_ended``.

        What was done without a permission is on record too: it is a case.
        """
        match command:
            case GrantPermission():
                if is_about_oneself(command.actor, command.party):
                    return OwnAffair(command.party)
                return Entry("permission", f"party:{command.party} document:{command.document}", ())
            case RevokePermission():
                permission = self._known.get(command.permission)
                if permission is None:
                    return PermissionNotFound(str(command.permission))
                if is_about_oneself(command.actor, permission.party):
                    return OwnAffair(permission.party)
                if permission.ended_at is not None:
                    return PermissionEnded(str(command.permission))
                return Entry("permission_revoked", f"permission:{command.permission}", ())
            case RecordUse():
                if is_about_oneself(command.actor, command.party):
                    return OwnAffair(command.party)
                permission = self._covering(command)
                rests_on = f"permission:{permission.permission}" if permission else f"case:{command.case}"
                return Entry("use", f"party:{command.party} {rests_on}", ())

    def accepted(self, command: PermissionCommand, posted: Posted) -> None:
        """Later commands of the batch see what is permitted now."""
        match command:
            case GrantPermission():
                self.acted(command, f"party:{command.party}")
                self._grant(command, posted.seq)
            case RevokePermission():
                known = self._known[command.permission]
                self.acted(command, f"party:{known.party}")
                self._known[command.permission] = known._replace(ended_at=command.occurred_at)
                self.add(
                    permission_ends,
                    permission=command.permission,
                    entry=posted.seq,
                    reason=command.reason,
                    ended_at=datetime_of(command.occurred_at),
                )
            case RecordUse():
                self.acted(command, f"party:{command.party}")
                self._record(command, posted.seq)

    def _grant(self, command: GrantPermission, entry: int) -> None:
        self._known[command.id] = Permission(
            command.id,
            entry,
            command.party,
            command.allows,
            command.scope,
            command.document,
            command.valid_from,
            command.valid_until,
            None,
        )
        self.add(
            permissions,
            permission=command.id,
            entry=entry,
            party=command.party,
            allows=command.allows,
            scope=command.scope,
            document=command.document,
            valid_from=datetime_of(command.valid_from),
            valid_until=None if command.valid_until is None else datetime_of(command.valid_until),
            granted_by=command.actor,
        )

    def _record(self, command: RecordUse, entry: int) -> None:
        permission = self._covering(command)
        if permission is None:
            rule = "LIVE-PRIN-2" if command.needs == "media_reuse" else "LIVE-COND-2"
            self._cases.opened(
                command.case,
                entry=entry,
                source="spot_check",
                party=command.party,
                summary=f"{rule} {command.needs} without permission: {command.detail}",
                actor=command.actor,
                at=command.occurred_at,
                happened_at=command.used_at,
            )
        self.add(
            uses,
            use=command.id,
            entry=entry,
            party=command.party,
            needs=command.needs,
            detail=command.detail,
            used_at=datetime_of(command.used_at),
            permission=permission.permission if permission else None,
            case=None if permission else command.case,
        )

    def _covering(self, command: RecordUse) -> Permission | None:
        return permits(self._known.values(), command.party, command.needs, command.used_at)

    def write(self, connection: Connection) -> None:
        """What was permitted and done, and the cases it opened."""
        super().write(connection)
        self._cases.write(connection)


_PERMISSIONS = select(permissions, permission_ends.c.ended_at).outerjoin(
    permission_ends, permission_ends.c.permission == permissions.c.permission
)


def permissions_of(connection: Connection, parties: Sequence[str]) -> list[Permission]:
    """Every permission these parties were ever given, the newest first."""
    asked = _PERMISSIONS.where(permissions.c.party.in_(parties)).order_by(permissions.c.entry.desc())
    return [_permission(row) for row in connection.execute(asked)] if parties else []


class Use(NamedTuple):
    """Something that needs a permission: the one that covers it, or the case that it opened."""

    use: UUID
    party: str
    needs: Allowance
    detail: str
    used_at: int
    permission: UUID | None
    case: str | None


def use_of(connection: Connection, id: UUID) -> Use | None:
    """A use that was recorded."""
    row = connection.execute(select(uses).where(uses.c.use == id)).first()
    if row is None:
        return None
    return Use(row.use, row.party, row.needs, row.detail, instant_of(row.used_at), row.permission, row.case)


def _named(connection: Connection, ids: Sequence[UUID]) -> list[Permission]:
    asked = _PERMISSIONS.where(permissions.c.permission.in_(ids))
    return [_permission(row) for row in connection.execute(asked)] if ids else []


def _permission(row: Row[tuple[object, ...]]) -> Permission:
    return Permission(
        row.permission,
        row.entry,
        row.party,
        row.allows,
        row.scope,
        row.document,
        instant_of(row.valid_from),
        None if row.valid_until is None else instant_of(row.valid_until),
        None if row.ended_at is None else instant_of(row.ended_at),
    )

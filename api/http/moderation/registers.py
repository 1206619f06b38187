"""The registers over HTTP: what moderators and streamers put on record."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from api.event_file import fields
from api.http.bodies import ID_SCHEMA, TEXT_SCHEMA
from api.http.moderation import register_bodies as bodies
from api.http.moderation.case_bodies import ANY_ID_SCHEMA, any_id
from api.http.money import timestamp
from api.http.operations import Asked, Named, Operation
from api.http.problems import Problem
from api.sealing import Keys
from ledger.journal.commands import Command, Outcome
from moderation.registers import commands as asks
from moderation.registers.following import record_false_identity

_LIST = Named("list", fields.text, TEXT_SCHEMA)
_PARTY = Named("party", fields.text, TEXT_SCHEMA)
_ID = Named("id", fields.identifier, ID_SCHEMA)


def register_operations(keys: Keys) -> tuple[Operation, ...]:
    """What can be put on record; numbers and names of lists are hashed at the door under these keys."""

    def import_blacklist(asked: Asked, body: bodies.BlacklistBody, name: str) -> asks.ImportBlacklist:
        """Reads people into a blacklist; only keyed hashes are kept of them. Rule: LIVE-BLK-1."""
        sealing = keys()
        listed = tuple(
            asks.Listed(
                sealing.digest("number", one.number),
                None if one.name is None else sealing.digest("name", one.name),
            )
            for one in body.people
        )
        return asks.ImportBlacklist(*asked.common, name, listed)

    def take_off_blacklist(asked: Asked, body: bodies.TakeOffBody, name: str) -> asks.TakeOffBlacklist:
        """Takes somebody off a blacklist. What was imposed is lifted in the case. Rule: LIVE-BLK-1."""
        return asks.TakeOffBlacklist(*asked.common, name, keys().digest("number", body.number), body.reason)

    return (
        Operation(
            "POST",
            "/v1/blacklists/{list:path}/people",
            "moderator",
            bodies.BlacklistBody,
            import_blacklist,
            listed_view,
            bodies.ListedView,
            ("sealing_keys_missing",),
            named=_LIST,
            limited_by="batch_limit_bytes",
        ),
        Operation(
            "POST",
            "/v1/blacklists/{list:path}/removals",
            "moderator",
            bodies.TakeOffBody,
            take_off_blacklist,
            done_view,
            bodies.DoneView,
            ("own_affair", "not_listed", "sealing_keys_missing"),
            named=_LIST,
        ),
        *_OPERATIONS,
    )


def find_identity_false(asked: Asked, body: bodies.FalseIdentityBody, party: str) -> asks.FindIdentityFalse:
    """Finds that a party is not who it said it was, and freezes all it has. Rule: LIVE-ID-4."""
    return asks.FindIdentityFalse(*asked.common, party, body.reason)


def grant_permission(asked: Asked, body: bodies.PermissionBody, party: str) -> asks.GrantPermission:
    """Permits something in writing. Rules: LIVE-PRIN-2, LIVE-COND-2."""
    return asks.GrantPermission(
        *asked.common, party, body.allows, body.scope, body.document, body.valid_from, body.valid_until
    )


def revoke_permission(asked: Asked, body: bodies.RevocationBody, permission: UUID) -> asks.RevokePermission:
    """Ends a permission."""
    return asks.RevokePermission(*asked.common, permission, body.reason)


def record_use(asked: Asked, body: bodies.UseBody, party: str) -> asks.RecordUse:
    """Records what needs a permission; without one it opens a case. Rules: LIVE-PRIN-2, LIVE-COND-2."""
    return asks.RecordUse(*asked.common, party, body.needs, body.detail, body.used_at)


def record_promise(asked: Asked, body: bodies.PromiseBody) -> asks.RecordPromise:
    """Records what the caller promises viewers, and by when. Rule: LIVE-PROMISE-1."""
    return asks.RecordPromise(*asked.common, asked.party, body.session, body.text, body.due_at)


def resolve_promise(asked: Asked, body: bodies.PromiseOutcomeBody, promise: UUID) -> asks.ResolvePromise:
    """Says whether a promise was kept; if not, that opens a case. Rule: LIVE-PROMISE-1."""
    return asks.ResolvePromise(*asked.common, promise, body.is_kept, body.note)


def act_in_room(asked: Asked, body: bodies.RoomActionBody) -> asks.ActInRoom:
    """Records that the caller mutes, removes or reports somebody in a room. Rule: LIVE-MOD-5."""
    return asks.ActInRoom(
        *asked.common, asked.party, body.room, body.participant, body.act, body.reason, body.until
    )


def record_disclosure(asked: Asked, body: bodies.DisclosureBody, measure: UUID) -> asks.RecordDisclosure:
    """Records what was handed to an authority under a legal hold. Rule: LIVE-MOD-9."""
    return asks.RecordDisclosure(*asked.common, measure, body.authority, body.document, tuple(body.disclosed))


def listed_view(command: asks.ImportBlacklist, outcome: Outcome) -> bodies.ListedView:
    """A list read in."""
    return {
        "id": command.id,
        "list": command.list,
        "named": len({one.number for one in command.listed}),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def done_view(command: Command, outcome: Outcome) -> bodies.DoneView:
    """Something put on record."""
    return {"id": command.id, "occurred_at": timestamp(outcome.occurred_at)}


def case_view(command: asks.FindIdentityFalse, outcome: Outcome) -> bodies.CaseOpenedView:
    """Something put on record that opens a case."""
    return {**done_view(command, outcome), "case": command.case}


def _in_the_past(field: str, of: Callable[[Any], int | None]) -> Callable[[Any], Problem | None]:
    """What is wrong with a command whose end lies before it begins."""

    def fault(command: Command) -> Problem | None:
        end = of(command)
        if end is None or end > command.occurred_at:
            return None
        errors = [{"field": f"body.{field}", "message": "is past"}]
        return Problem("invalid", f"{field} is past", errors=errors)

    return fault


def _not_yet(command: asks.RecordUse) -> Problem | None:
    if command.used_at <= command.occurred_at:
        return None
    errors = [{"field": "body.used_at", "message": "lies ahead"}]
    return Problem("invalid", "used_at lies ahead", errors=errors)


_OPERATIONS = (
    Operation(
        "POST",
        "/v1/parties/{party:path}/false-identity",
        "moderator",
        bodies.FalseIdentityBody,
        find_identity_false,
        case_view,
        bodies.CaseOpenedView,
        ("own_affair", "account_not_found", "not_imposed"),
        named=_PARTY,
        decide=record_false_identity,
    ),
    Operation(
        "POST",
        "/v1/parties/{party:path}/permissions",
        "moderator",
        bodies.PermissionBody,
        grant_permission,
        done_view,
        bodies.DoneView,
        ("own_affair",),
        named=_PARTY,
    ),
    Operation(
        "POST",
        "/v1/permissions/{id}/revocation",
        "moderator",
        bodies.RevocationBody,
        revoke_permission,
        done_view,
        bodies.DoneView,
        ("own_affair", "permission_not_found", "permission_ended"),
        named=_ID,
    ),
    Operation(
        "POST",
        "/v1/parties/{party:path}/uses",
        "moderator",
        bodies.UseBody,
        record_use,
        done_view,
        bodies.DoneView,
        ("own_affair",),
        named=_PARTY,
        follow="/v1/uses/{id}",
        fault_when_new=_not_yet,
    ),
    Operation(
        "POST",
        "/v1/me/promises",
        "streamer",
        bodies.PromiseBody,
        record_promise,
        done_view,
        bodies.DoneView,
        ("account_closed",),
        fault_when_new=_in_the_past("due_at", lambda command: command.due_at),
    ),
    Operation(
        "POST",
        "/v1/promises/{id}/outcome",
        "moderator",
        bodies.PromiseOutcomeBody,
        resolve_promise,
        done_view,
        bodies.DoneView,
        ("own_affair", "promise_not_found", "promise_resolved"),
        named=_ID,
    ),
    Operation(
        "POST",
        "/v1/me/room-actions",
        "streamer",
        bodies.RoomActionBody,
        act_in_room,
        done_view,
        bodies.DoneView,
        ("account_closed",),
        fault_when_new=_in_the_past("until", lambda command: command.until),
    ),
    Operation(
        "POST",
        "/v1/measures/{id}/disclosures",
        "moderator",
        bodies.DisclosureBody,
        record_disclosure,
        done_view,
        bodies.DoneView,
        ("own_affair", "legal_hold_not_found"),
        named=Named("id", any_id, ANY_ID_SCHEMA),
    ),
)

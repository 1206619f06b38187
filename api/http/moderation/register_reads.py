"""What can be read of the registers: streamers see their own, moderators all, and that they looked."""

from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import PlainValidator, WithJsonSchema
from sqlalchemy import Connection
from starlette.responses import Response

from api.event_file import fields
from api.http.bodies import TEXT_SCHEMA, Id
from api.http.documents import read_responses
from api.http.moderation import register_bodies as bodies
from api.http.moderation.access import recorded
from api.http.money import timestamp
from api.http.problems import Problem
from api.http.reads import PageQuery, as_json, snapshot
from api.http.service import Service
from api.tokens import Caller
from ledger.instants import instant_of
from moderation.registers.disclosures import Disclosure, disclosures_about
from moderation.registers.listings import hits, lists
from moderation.registers.permissions import permissions_of, use_of
from moderation.registers.permitting import Permission
from moderation.registers.promises import Promised, promises_of
from moderation.registers.rooms import RoomAction, actions_of

_NEWEST = 2**63 - 1
_Party = Annotated[str, PlainValidator(fields.text), WithJsonSchema(TEXT_SCHEMA)]
_Page = Annotated[PageQuery, Query()]


def add_registers(app: FastAPI, service: Service) -> None:
    """Add what can be read of the registers to the routes."""
    streamer, moderator = service.caller_in("streamer"), service.caller_in("moderator")

    @app.get("/v1/blacklists", **read_responses(bodies.BlacklistsView))
    def blacklists(caller: Annotated[Caller, moderator]) -> Response:
        """Every blacklist, and how many are on it. Who they are, nobody can read."""
        with recorded(service, _actor(caller), "read_blacklists", "blacklists") as connection:
            found = lists(connection)
        views = [
            {"list": one.list, "listed": one.listed, "imported_at": timestamp(instant_of(one.imported_at))}
            for one in found
        ]
        return as_json({"blacklists": views})

    @app.get("/v1/blacklist-hits", **read_responses(bodies.HitsView))
    def blacklist_hits(caller: Annotated[Caller, moderator], query: _Page) -> Response:
        """The verified parties that were found on a list, newest first; the caller is not among them."""
        with recorded(service, _actor(caller), "read_blacklist_hits", "blacklists") as connection:
            found = hits(
                connection, unless_of=caller.party, before=query.cursor or _NEWEST, limit=query.limit + 1
            )
        views = [
            {
                "party": one.party,
                "list": one.list,
                "case": one.case,
                "found_at": timestamp(instant_of(one.found_at)),
            }
            for one in found
        ]
        return as_json(_page("hits", views, found, query.limit))

    @app.get("/v1/me/permissions", **read_responses(bodies.PermissionsView))
    def own_permissions(caller: Annotated[Caller, streamer]) -> Response:
        """What the caller is permitted in writing, newest first."""
        with snapshot(service) as connection:
            found = permissions_of(connection, [caller.party])
        return as_json({"permissions": [_permission_view(one) for one in found]})

    @app.get("/v1/parties/{party:path}/permissions", **read_responses(bodies.PermissionsView))
    def permissions(party: _Party, caller: Annotated[Caller, moderator]) -> Response:
        """What a party is permitted in writing, newest first."""
        with recorded(service, _actor(caller), "read_permissions", f"party:{party}") as connection:
            found = permissions_of(connection, [party])
        return as_json({"permissions": [_permission_view(one) for one in found]})

    @app.get("/v1/uses/{id}", **read_responses(bodies.UseView, missing="not_found"))
    def use(id: Id, caller: Annotated[Caller, moderator]) -> Response:
        """What was done with a permission, or without one."""
        with recorded(service, _actor(caller), "read_use", f"use:{id}") as connection:
            found = use_of(connection, id)
            if found is None or found.party == caller.party:
                raise Problem("not_found", f"no use {id} is on record")
        view = {"id": found.use, **found._asdict(), "used_at": timestamp(found.used_at)}
        del view["use"]
        return as_json(view)

    @app.get("/v1/me/promises", **read_responses(bodies.PromisesView))
    def own_promises(caller: Annotated[Caller, streamer], query: _Page) -> Response:
        """What the caller promised viewers, newest first."""
        with snapshot(service) as connection:
            return _promises(connection, caller.party, query)

    @app.get("/v1/parties/{party:path}/promises", **read_responses(bodies.PromisesView))
    def promises(party: _Party, caller: Annotated[Caller, moderator], query: _Page) -> Response:
        """What a streamer promised viewers, newest first."""
        with recorded(service, _actor(caller), "read_promises", f"party:{party}") as connection:
            return _promises(connection, party, query)

    @app.get("/v1/me/room-actions", **read_responses(bodies.RoomActionsView))
    def own_room_actions(caller: Annotated[Caller, streamer], query: _Page) -> Response:
        """What the caller did about participants, newest first."""
        with snapshot(service) as connection:
            return _room_actions(connection, caller.party, query)

    @app.get("/v1/parties/{party:path}/room-actions", **read_responses(bodies.RoomActionsView))
    def room_actions(party: _Party, caller: Annotated[Caller, moderator], query: _Page) -> Response:
        """What a streamer did about participants, newest first."""
        with recorded(service, _actor(caller), "read_room_actions", f"party:{party}") as connection:
            return _room_actions(connection, party, query)

    @app.get("/v1/parties/{party:path}/disclosures", **read_responses(bodies.DisclosuresView))
    def disclosures(party: _Party, caller: Annotated[Caller, moderator], query: _Page) -> Response:
        """What was handed to authorities about a party, newest first. Nobody asks about themselves."""
        if party == caller.party:
            raise Problem("forbidden", "this is about yourself: somebody else looks at it")
        with recorded(service, _actor(caller), "read_disclosures", f"party:{party}") as connection:
            found = disclosures_about(
                connection, party, before=query.cursor or _NEWEST, limit=query.limit + 1
            )
        return as_json(_page("disclosures", [_disclosure_view(one) for one in found], found, query.limit))


def _actor(caller: Caller) -> str:
    return f"moderator:{caller.party}"


def _page(name: str, views: list[Any], found: list[Any], limit: int) -> dict[str, Any]:
    """A page of what was found: one more than asked for tells that there is another."""
    return {name: views[:limit], "next": str(found[limit - 1].entry) if len(found) > limit else None}


def _promises(connection: Connection, streamer: str, query: PageQuery) -> Response:
    found = promises_of(connection, streamer, before=query.cursor or _NEWEST, limit=query.limit + 1)
    return as_json(_page("promises", [_promise_view(one) for one in found], found, query.limit))


def _room_actions(connection: Connection, streamer: str, query: PageQuery) -> Response:
    found = actions_of(connection, streamer, before=query.cursor or _NEWEST, limit=query.limit + 1)
    return as_json(_page("actions", [_action_view(one) for one in found], found, query.limit))


def _permission_view(permission: Permission) -> bodies.PermissionView:
    until, ended = permission.valid_until, permission.ended_at
    return {
        "id": permission.permission,
        "allows": permission.allows,
        "scope": permission.scope,
        "document": permission.document,
        "valid_from": timestamp(permission.valid_from),
        "valid_until": None if until is None else timestamp(until),
        "ended_at": None if ended is None else timestamp(ended),
    }


def _promise_view(promised: Promised) -> bodies.PromiseView:
    return {
        "id": promised.promise,
        "session": promised.session,
        "text": promised.text,
        "due_at": timestamp(promised.due_at),
        "is_kept": promised.is_kept,
        "note": promised.note,
    }


def _action_view(action: RoomAction) -> bodies.RoomActionView:
    return {
        "id": action.action,
        "room": action.room,
        "participant": action.participant,
        "act": action.act,
        "reason": action.reason,
        "until": None if action.until is None else timestamp(action.until),
        "occurred_at": timestamp(action.occurred_at),
    }


def _disclosure_view(disclosure: Disclosure) -> bodies.DisclosureView:
    return {
        "id": disclosure.disclosure,
        "measure": disclosure.measure,
        "authority": disclosure.authority,
        "document": disclosure.document,
        "disclosed": list(disclosure.disclosed),
        "disclosed_by": disclosure.disclosed_by,
        "occurred_at": timestamp(disclosure.occurred_at),
    }

"""Files over HTTP: a raw body into the folder of evidence, and a file of it out again."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.evidence import ready_folder
from api.http.operations import Asked, Named, acting_as, answered, decided, read_named, was_decided
from api.http.problems import Problem
from api.http.requests import command_id, headers_of, now, refuse_query
from api.http.service import Service
from api.sealing import Keys
from api.settings import CannotServe
from api.tokens import Caller
from ledger.journal.commands import Command, Outcome
from ledger.sealing import SealingKeys
from moderation.evidence.files import Draft, EvidenceFolder, Kept, NotTaken, TooLarge

#: How much of a body is gathered before it is written: what a file takes of memory, however long it is.
_GATHERED_BYTES = 256 * 1024


def file_handler(
    service: Service,
    keys: Keys,
    roles: tuple[str, ...],
    named: Named,
    require: Callable[[Any, Caller], None],
    make: Callable[[Asked, Any, Kept], Command],
    view: Callable[[Any, Outcome], Any],
) -> Callable[[Request], Awaitable[Response]]:
    """What answers a route whose body is a file, and belongs to what the path names.

    ``require`` raises the :class:`Problem` that nothing can be added there to begin with: before the file is
    read. A command that was decided before is not asked: it gets its first answer again.
    """

    async def answer(request: Request) -> Response:
        headers = headers_of(request.scope)
        caller = await service.caller_with(headers, *roles)
        id = command_id(headers, required=True)
        if request.scope["query_string"]:
            refuse_query(request.scope)
        target, sealing = read_named(named, request), keys()
        if not await run_in_threadpool(was_decided, service, id):
            await run_in_threadpool(require, target, caller)
        file = await kept(service, request, headers, sealing)
        command = make(Asked(id, caller.party, acting_as(caller, roles), now()), target, file)
        return answered(201, view, command, await decided(service, command))

    return answer


async def kept(service: Service, request: Request, headers: dict[bytes, bytes], keys: SealingKeys) -> Kept:
    """The body as a file in the folder. Raises the :class:`Problem` that it is too large or not taken.

    Whatever refers to the file comes later: a file that nothing refers to does no harm.
    """
    said = headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Problem("file_not_taken", "a file is not compressed on its way here")
    try:
        folder = await run_in_threadpool(ready_folder, service.settings)
        with await run_in_threadpool(folder.begin, keys, said) as draft:
            await _fill(draft, service, request, headers, folder.limit_bytes)
            return await run_in_threadpool(draft.keep)
    except TooLarge as reason:
        raise Problem("body_too_large", str(reason), headers={"Connection": "close"}) from None
    except NotTaken as reason:
        raise Problem("file_not_taken", str(reason), headers={"Connection": "close"}) from None
    except (CannotServe, OSError):
        raise Problem("evidence_unavailable", "files cannot be kept at the moment") from None


async def _fill(
    draft: Draft, service: Service, request: Request, headers: dict[bytes, bytes], limit: int
) -> None:
    gathered = bytearray()
    async for part in service.bodies.parts(request.receive, headers, limit=limit):
        gathered += part
        if len(gathered) >= _GATHERED_BYTES:
            await run_in_threadpool(draft.add, bytes(gathered))
            gathered.clear()
    await run_in_threadpool(draft.add, bytes(gathered))


def sent(
    folder: EvidenceFolder, keys: SealingKeys, digest: bytes, *, media_type: str, size_bytes: int
) -> StreamingResponse:
    """A file as an answer, to be saved and not to be run.

    It is read to its end before the first byte is sent: nobody gets a part of what was altered. Raises the
    :class:`Problem` that it is lost.
    """
    fault = folder.fault(keys, digest, size_bytes)
    if fault:
        raise Problem("evidence_unavailable", fault)
    return StreamingResponse(
        folder.read(keys, digest),
        media_type=media_type,
        headers={
            "Content-Length": str(size_bytes),
            "Content-Disposition": f'attachment; filename="{digest.hex()}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )

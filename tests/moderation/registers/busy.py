"""The registers in the busy book: of everything at least one, and something that is refused."""

from collections.abc import Callable
from uuid import UUID

from api.screening import screen_all
from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from ledger.parties import Register
from moderation.cases.commands import Decide, Finding, Imposed, OpenCase
from moderation.cases.writing import measure_id
from moderation.registers import commands as asks
from moderation.registers.following import record_false_identity
from moderation.registers.tickets import escalation
from tests.moderation.saying import ticket
from tests.settlement.payees.sample import KEYS, verification

Head = Callable[..., tuple[UUID, str, int, int]]

_LIST = "主播黑名单"
_NUMBER = "P7654321"
_MODERATOR = "moderator:m7"


def play_registers(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """Of people who do nothing else in the book: what befalls them changes nothing else."""

    def done(*commands: Command) -> None:
        for command, outcome in zip(commands, journal.decide(commands), strict=True):
            assert outcome.refusal is None, f"{command.kind}: {outcome.refusal}"

    listed = asks.Listed(KEYS.digest("number", _NUMBER), KEYS.digest("name", "赵六"))
    done(
        *(Register(*head("gateway:file"), party, ("viewer", "streamer")) for party in ("lin", "fang", "qiu")),
        verification("lin", "赵六", _NUMBER),
        asks.ImportBlacklist(*head(_MODERATOR, name="blacklist"), _LIST, (listed,)),
    )
    (hit,) = screen_all(journal, head("platform:blacklist")[2])
    ids["blacklist_hit"] = hit.id
    done(
        asks.TakeOffBlacklist(*head(_MODERATOR, name="taken_off"), _LIST, listed.number, "除名"),
        asks.ImportBlacklist(*head(_MODERATOR), _LIST, (listed, asks.Listed(KEYS.digest("number", "P7")))),
    )
    false = asks.FindIdentityFalse(*head(_MODERATOR, name="identity_false"), "fang", "face does not match")
    assert record_false_identity(journal, false).refusal is None
    now = head(_MODERATOR)[2]
    done(
        asks.GrantPermission(
            *head(_MODERATOR, name="permission"), "qiu", "business", "tea", "XK-1", now - 1_000_000
        ),
        asks.GrantPermission(
            *head(_MODERATOR, name="permission_of_media"),
            "qiu",
            "media_reuse",
            "clips",
            "XK-2",
            now,
            now + 10**9,
        ),
        asks.RecordUse(*head(_MODERATOR, name="use"), "qiu", "business", "tea was sold", now),
        asks.RecordUse(*head(_MODERATOR, name="use_without"), "fang", "media_reuse", "a clip was sold", now),
        asks.RevokePermission(*head(_MODERATOR, name="revoked"), ids["permission"], "over"),
        asks.RecordPromise(*head("streamer:qiu", name="promise"), "qiu", None, "抽奖十份", now + 10**9),
        asks.RecordPromise(*head("streamer:qiu", name="promise_kept"), "qiu", None, "唱一首", now + 10**9),
        asks.ActInRoom(*head("streamer:qiu", name="room_action"), "qiu", "room", "ana", "mute", "刷屏"),
    )
    done(
        asks.ResolvePromise(
            *head(_MODERATOR, name="promise_broken"), ids["promise"], False, "nothing was given"
        ),
        asks.ResolvePromise(*head(_MODERATOR), ids["promise_kept"], True, "sung"),
        OpenCase(*head(_MODERATOR), "law-1", "regulator", "fang", None, "a request of the police"),
        Decide(
            *head(_MODERATOR, name="law"),
            "law-1",
            (Finding("identity_false"),),
            (Imposed("legal_hold"),),
            "suspected fraud",
        ),
    )
    hold = measure_id(ids["law"], 0)
    done(
        asks.RecordDisclosure(
            *head(_MODERATOR, name="disclosure"), hold, "公安局", "调取函 1", ("statements",)
        ),
        ticket(head("viewer:lin", name="ticket"), "lin", "case", hit.case, "为什么冻结？"),
        ticket(head("viewer:qiu", name="ticket_overdue"), "qiu", "other", None, "请解释"),
    )
    done(
        asks.AnswerTicket(*head(_MODERATOR, name="ticket_answer"), ids["ticket"], "见处理决定。"),
        escalation(ids["ticket_overdue"], now + 90 * 86_400_000_000),
    )
    refused = asks.AnswerTicket(*head(_MODERATOR), ids["ticket"], "again")
    assert journal.decide([refused])[0].refusal is not None

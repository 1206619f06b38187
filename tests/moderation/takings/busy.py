"""Previews, takings and appeals, for the busy book: on a streamer and a viewer of their own."""

from collections.abc import Callable
from uuid import UUID

from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import Tip
from ledger.journal.commands import Command, derived_id
from ledger.journal.journal import Journal
from ledger.parties import Register
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import ApproveDecision, Decide, ExecuteDecision, Finding, Imposed, OpenCase
from moderation.evidence.commands import AddEvidence
from moderation.takings.commands import MakePreview
from tests.moderation import saying
from tests.moderation.takings.court import DIGEST, PROOF, loss

Head = Callable[..., tuple[UUID, str, int, int]]


def play_takings(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """A penalty and damages that are taken and lowered, and a penalty overturned before it is taken."""
    moderator, judge, finance = "moderator:m1", "moderator:m2", "finance:f1"

    def done(*commands: Command) -> None:
        outcomes = journal.decide(commands)
        assert [outcome.refusal for outcome in outcomes] == [None] * len(commands)

    done(
        Register(*head("gateway:file"), "shu", ("streamer",)),
        Register(*head("gateway:file"), "lan", ("viewer",)),
    )
    done(TopUp(*head("gateway:file"), "lan", 1_000, 10_000, "wechat", "w-lan"))
    done(Tip(*head("viewer:lan", 3), "lan", "shu", "room", "rose", 50))
    for case in ("taken", "spared"):
        done(OpenCase(*head(moderator, 3), case, "spot_check", "shu", None, "seen on air"))
        done(AddEvidence(*head(moderator, 3), case, DIGEST, "image/png", len(PROOF)))
    found = (Finding("illegal_symbols", (DIGEST,)),)

    def shown(name: str, case: str, measure: str, *beside: UUID, amount: int | None = None) -> UUID:
        losses = (loss(2_000),) if measure == "damages" else ()
        done(MakePreview(*head(moderator, 3, name), case, measure, "shu", amount, losses, beside))
        return ids[name]

    penalty = shown("preview", "taken", "penalty", amount=1_500)
    damages = shown("preview_of_damages", "taken", "damages", penalty)
    imposed = Imposed("penalty", preview=penalty), Imposed("damages", preview=damages)
    done(Decide(*head(moderator, 3, "taking"), "taken", found, imposed, "as seen"))
    done(ApproveDecision(*head(finance, 3), ids["taking"]))
    spared = (Imposed("penalty", preview=shown("preview_of_spared", "spared", "penalty")),)
    done(Decide(*head(moderator, 3, "sparing"), "spared", found, spared, "as seen"))
    execution = derived_id(ids["taking"], "executed")
    at = head(moderator, 12)[2]
    done(ExecuteDecision(execution, "platform:cases", at, None, ids["taking"]))
    ids["execution"] = execution
    for name, decision in (("appeal", "taking"), ("appeal_of_spared", "sparing")):
        done(saying.appeal(head("streamer:shu", 4, name), ids[decision], "shu"))
    done(
        DecideAppeal(
            *head(judge, 5, "verdict"), ids["appeal"], "changed", "half of it", (), ((0, 700), (1, 400))
        )
    )
    hold = derived_id(derived_id(ids["taking"], "measure:0"), "taking:0:150")
    ids["received_again"] = derived_id(ids["verdict"], f"again:{hold}:0")
    done(DecideAppeal(*head(judge, 5), ids["appeal_of_spared"], "overturned", "somebody else did it"))

"""Cases and decisions, for the busy book: imposed, refused and lifted, on a streamer of their own."""

from collections.abc import Callable
from uuid import UUID

from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from ledger.parties import Register
from moderation.cases.commands import (
    EVERYTHING,
    Decide,
    Finding,
    Imposed,
    LiftMeasure,
    NoteCase,
    OpenCase,
    RefuseDecision,
)
from moderation.cases.writing import measure_id
from moderation.evidence.commands import AddEvidence
from moderation.takings.commands import MakePreview
from settlement.commands import Reward
from tests.moderation.takings.court import DIGEST, PROOF

Head = Callable[..., tuple[UUID, str, int, int]]


def play_cases(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """A restriction and a freeze that last, one that is lifted, and a penalty that is refused.

    Somebody whose everything is frozen takes on another role.
    """
    moderator, finance = "moderator:m1", "finance:f1"

    def done(*commands: Command) -> None:
        outcomes = journal.decide(commands)
        assert [outcome.refusal for outcome in outcomes] == [None] * len(commands)

    done(Register(*head("gateway:file"), "yun", ("streamer", "viewer")))
    done(Reward(*head("gateway:file"), "yun", "evening", 90_000))
    for case in ("barred", "refused"):
        done(OpenCase(*head(moderator, 3), case, "regulator", "yun", None, "a letter"))
        done(AddEvidence(*head(moderator, 3), case, DIGEST, "image/png", len(PROOF)))
    done(NoteCase(*head(moderator, 3, "note"), "barred", "looked at"))
    found = (Finding("undesirable_gossip", (DIGEST,), override_reason="again"),)
    imposed = (
        Imposed("restrict", feature="withdraw"),
        Imposed("freeze", account="gifts"),
        Imposed("restrict", feature="tip"),
    )
    done(Decide(*head(moderator, 3, "barring"), "barred", found, imposed, "as seen"))
    ids["lasting"], ids["freezing"], ids["lifted"] = (measure_id(ids["barring"], n) for n in range(3))
    done(LiftMeasure(*head(moderator, 4), ids["lifted"], "not needed"))
    done(MakePreview(*head(moderator, 3, "preview_of_refused"), "refused", "penalty", "yun", 60_000))
    penalty = (Imposed("penalty", preview=ids["preview_of_refused"]),)
    done(Decide(*head(moderator, 3, "refused_decision"), "refused", found, penalty, "as seen"))
    done(RefuseDecision(*head(finance, 3), ids["refused_decision"], "not shown"))
    done(
        Decide(
            *head(moderator, 3, "warning"),
            "refused",
            found,
            (Imposed("warn"),),
            "so",
            ids["refused_decision"],
        )
    )
    done(Register(*head("gateway:file"), "hai", ("viewer",)))
    done(OpenCase(*head(moderator, 3), "covered", "regulator", "hai", None, "a letter"))
    everything = (Imposed("freeze", account=EVERYTHING),)
    unproved = (Finding("undesirable_gossip", override_reason="again"),)
    done(Decide(*head(moderator, 3, "covering_all"), "covered", unproved, everything, "as seen"))
    ids["covering"] = measure_id(ids["covering_all"], 0)
    done(Register(*head("gateway:file"), "hai", ("streamer",)))
    refused = NoteCase(*head("moderator:yun", 3), "barred", "it was not me")
    assert journal.decide([refused])[0].refusal is not None

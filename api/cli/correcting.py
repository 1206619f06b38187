"""`zhibo adjust`: a correction of what a streamer earned."""

from api.cli import Misused
from api.cli.asking import decide, head, text_of, words_of
from api.cli.showing import amount as shown
from api.event_file.fields import Malformed, signed_fen
from settlement.accruals.commands import Adjust


def adjust_streamer(
    streamer: str, amount: str, reason: str, reference: str | None, person: str | None
) -> None:
    """Adjust, and say by which id an answer to an objection can name it."""
    try:
        minor = signed_fen(amount)
    except Malformed as malformed:
        raise Misused(f"--amount {malformed}") from None
    command = Adjust(
        *head(person),
        text_of(streamer, "STREAMER"),
        minor,
        words_of(reason, "--reason"),
        None if reference is None else text_of(reference, "--reference"),
    )
    decide(command)
    print(f"adjustment {command.id} of {shown(minor, 'CNY')} to {streamer}")

"""Event files: what a platform's gateway says happened, one JSON object a line, read as commands.

`lines` cuts a stream into lines, `fields` reads single values, `events` knows the types. Every line is
judged alone: it is a command, or it is malformed and decides nothing.
"""

from api.event_file.events import REPLAY, command_of
from api.event_file.fields import Malformed
from api.event_file.lines import LONGEST_LINE_BYTES, lines_of

__all__ = ["LONGEST_LINE_BYTES", "REPLAY", "Malformed", "command_of", "lines_of"]

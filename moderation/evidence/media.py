"""What kind of file something is, told from its content: what it was called is not believed."""

import codecs

#: How many bytes at the beginning tell.
HEAD_BYTES = 16

#: Every kind of file that can be told.
KNOWN_TYPES = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "application/pdf",
    "video/mp4",
    "audio/mpeg",
    "text/plain",
)

_MPEG_FRAME = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")


class MediaType:
    """Tells the type of a file whose content comes in parts; text is text to its last byte."""

    def __init__(self) -> None:
        self._head = b""
        self._found: str | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    def add(self, part: bytes) -> None:
        """The next part of the content."""
        if len(self._head) < HEAD_BYTES:
            self._head += part[: HEAD_BYTES - len(self._head)]
            self._found = _of_head(self._head)
        if self._found is None:
            self._read_text(part, is_last=False)

    def told(self) -> str | None:
        """What the whole content is; None if it is nothing that is known here."""
        if self._found is None and self._is_text:
            self._read_text(b"", is_last=True)
        return self._found or ("text/plain" if self._is_text and self._head else None)

    def could_be(self, media_type: str) -> bool:
        """Whether what has come so far may turn out to be of this type."""
        if self._found is not None or len(self._head) < HEAD_BYTES:
            return self._found in (None, media_type)
        return media_type == "text/plain" and self._is_text

    def _read_text(self, part: bytes, *, is_last: bool) -> None:
        try:
            read = self._decoder.decode(part, final=is_last)
        except UnicodeDecodeError:
            self._is_text = False
        else:
            self._is_text = self._is_text and "\0" not in read


def _of_head(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith((b"ID3", *_MPEG_FRAME)):
        return "audio/mpeg"
    return None

"""Small files of each kind, told by their first bytes as real ones are."""

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
JPEG = b"\xff\xd8\xff\xe0" + b"a picture" * 50
PDF = b"%PDF-1.7\n" + b"a letter" * 50
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"a picture" * 50
MP4 = b"\x00\x00\x00\x18ftypisom" + b"a recording" * 50
GIF = b"GIF89a" + b"a picture" * 50
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"a voice" * 50
TEXT = "聊天记录：主播承诺返还打赏。\n".encode() * 20

OF_TYPE = {
    "image/png": PNG,
    "image/jpeg": JPEG,
    "application/pdf": PDF,
    "image/webp": WEBP,
    "video/mp4": MP4,
    "image/gif": GIF,
    "audio/mpeg": MP3,
    "text/plain": TEXT,
}

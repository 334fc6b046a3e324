"""Copies of pictures and papers without what cameras write into them.

Nothing is decoded and drawn again: the parts that carry metadata are left out, and
every pixel stays as it was. A phone writes into a photo where it was taken, by
whom, and with which device; sometimes a second photo or a film behind the first.
"""

import re
import struct
import zlib
from collections.abc import Iterator

# JPEG: 0xFFE0 + n. JFIF (0) and Adobe's colour mark (14) are needed to draw it.
KEPT_APPS = {0xE0, 0xEE}
SOI, EOI, SOS, COM = 0xD8, 0xD9, 0xDA, 0xFE
KEPT_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"),
    *(b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"),
}
PNG = b"\x89PNG\r\n\x1a\n"
MARKER = re.compile(rb"\xff++([^\x00\xd0-\xd7])")
# Looked for from one byte on, not from each of a run of 0xFF: twenty million of those,
# where a picture should be, would be gone through for days.
PICTURE_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# A progressive photo has a dozen scans; the decoder goes through all pixels for each.
MOST_SCANS = 100
# An application segment inside a PDF's pictures: Exif, or Adobe's XMP.
EMBEDDED = re.compile(
    rb"\xff\xe1(..)(?:Exif\x00\x00|http://ns\.adobe\.com/)", re.DOTALL
)


class Unreadable(ValueError):
    """The file does not keep to its own format."""


def without_metadata(data: bytes, media_type: str, orientation: int = 1) -> bytes:
    """Return `data` without metadata; a photo keeps which way is up.

    `orientation` is the EXIF number 1 to 8. Raises `Unreadable`.
    """
    try:
        match media_type:
            case "image/jpeg":
                return b"".join(jpeg(data, orientation))
            case "image/png":
                return b"".join(png(data, orientation))
            case "image/webp":
                return webp(data, orientation)
            case "application/pdf":
                return blanked_pdf(data)
    except (struct.error, IndexError) as error:
        raise Unreadable(str(error)) from error
    raise Unreadable(media_type)


def exif_of(orientation: int) -> bytes:
    """The smallest EXIF block: one entry, which way is up."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"MM\x00*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)


def jpeg(data: bytes, orientation: int) -> Iterator[bytes]:
    """The segments that draw the picture, up to its end; what follows is dropped."""
    yield b"\xff\xd8"
    if orientation != 1:
        block = b"Exif\x00\x00" + exif_of(orientation)
        yield b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    at, scans = 2, 0
    while True:
        found = MARKER.match(data, at)
        if not found:
            raise Unreadable("no marker where one must be")
        marker, at = found[1][0], found.end()
        if marker == EOI:
            yield b"\xff\xd9"
            return
        (size,) = struct.unpack_from(">H", data, at)
        segment = data[at : at + size]
        at += size
        is_app = 0xE0 <= marker <= 0xEF
        colour = marker == 0xE2 and segment[2:].startswith(b"ICC_PROFILE\x00")
        if (not is_app or marker in KEPT_APPS or colour) and marker != COM:
            yield bytes([0xFF, marker]) + segment
        if marker == SOS:
            found, scans = PICTURE_END.search(data, at), scans + 1
            if not found or scans > MOST_SCANS:
                raise Unreadable("the picture has no end")
            yield data[at : found.start()]
            at = found.start()


def png(data: bytes, orientation: int) -> Iterator[bytes]:
    yield PNG
    at = len(PNG)
    while True:
        size, kind = struct.unpack_from(">I4s", data, at)
        whole = data[at : at + size + 12]
        at += size + 12
        if kind in KEPT_CHUNKS:
            yield whole
        if kind == b"IHDR" and orientation != 1:
            yield png_chunk(b"eXIf", exif_of(orientation))
        if kind == b"IEND":
            return


def png_chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def webp(data: bytes, orientation: int) -> bytes:
    """The RIFF chunks that draw it; the extended header's flags say what is left."""
    end = struct.unpack_from("<I", data, 4)[0] + 8
    at, chunks, extended = 12, [], False
    while at < end:
        kind, size = struct.unpack_from("<4sI", data, at)
        content = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
        if kind == b"VP8X":
            extended = True
            flags = (content[0] & ~0b1100) | (0b1000 if orientation != 1 else 0)
            content = bytes([flags]) + content[1:]
        if kind in {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}:
            chunks.append(riff_chunk(kind, content))
    if extended and orientation != 1:
        chunks.append(riff_chunk(b"EXIF", exif_of(orientation)))
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff_chunk(kind: bytes, content: bytes) -> bytes:
    return (
        kind + struct.pack("<I", len(content)) + content + b"\x00" * (len(content) % 2)
    )


def blanked_pdf(data: bytes) -> bytes:
    """The PDF with zeros where its photos carry EXIF or XMP; no byte moves.

    Scanner apps put a phone's photo into a page as it is, location and all.
    """
    blank, done = bytearray(data), 0
    for found in EMBEDDED.finditer(data):
        (size,) = struct.unpack(">H", found[1])
        # One may be written into another, a million times: no byte is blanked twice.
        first = max(found.start() + 4, done)
        last = min(found.start() + 2 + size, len(data))
        if first < last:
            blank[first:last] = bytes(last - first)
            done = last
    return bytes(blank)

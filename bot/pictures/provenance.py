"""Where a picture comes from, written into the picture.

One XMP packet (ISO 16684-1) says that a machine drew the picture, and from what:

* `Iptc4xmpExt:DigitalSourceType` = trainedAlgorithmicMedia and the AI properties of the IPTC Photo
  Metadata Standard 2025.1 (prompt and system), which search engines and editors read;
* `TC260:AIGC`, the JSON of China's GB 45438-2025, annex E, in force since 2025-09-01;
* `zeuxis:*`: seed, size, job and the rewritten prompt, enough to draw the picture again.

A PNG may hold one packet only, and nobody may remove or alter a label that is there. So a packet of
the provider's is kept byte for byte, and one more rdf:Description is put before its closing tag:
XMP reads several descriptions of one resource as one. A property that is there already is left as
it is. Parsing and writing anew was not taken: it would change prefixes, order and packet padding.

`read_stamped` puts the packet into a picture's head. What cannot be joined without altering it
stays as it is: a packet that nobody can read, two of them, or a signed picture. A provider's mark
is worth more than our copy of the prompt.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never
from xml.parsers import expat  # documents with a DOCTYPE, and so with entities, are refused below
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from bot.errors import NotAPicture
from bot.pictures.formats import (
    SIGNATURE,
    Chunk,
    Head,
    PictureType,
    keyword_of,
    read_head,
    xmp_chunk,
    xmp_of,
)
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.providers.image import Size

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"
ZEUXIS = "urn:zeuxis:picture:1:"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

_PREFIXES = {"Iptc4xmpExt": IPTC_EXT, "TC260": TC260, "xmp": XMP, "zeuxis": ZEUXIS}
_SIGNED = b"caBX"  # a C2PA manifest: any change of the file would break its signature
_SIGNED_IN_JPEG = b"jumb"  # the box that holds a C2PA manifest
_XMP_IN_JPEG = b"http://ns.adobe.com/xap/1.0/\0"  # Adobe XMP Specification Part 3 (2020), §1.1.3
JPEG_PACKET_LIMIT_BYTES = 65_502  # one APP1 segment (likewise)
# U+FEFF in `begin` tells the encoding; the id is fixed by ISO 16684-1 §7.3.2.
_PACKET = """<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="{rdf}">
{description}</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


class Provenance(Struct, frozen=True, kw_only=True):
    """What the picture's own metadata will say."""

    prompt: str
    seed: int
    size: Size
    model: str  # such as z-image-turbo
    job_id: str
    rewritten_prompt: str = ""  # empty if the prompt was drawn as it stands
    provider_request_id: str = ""


class Marks(Struct, frozen=True, kw_only=True):
    """What a file claims about itself; anybody can write that."""

    job: str
    seed: str


class StampedHead(Struct, frozen=True, kw_only=True):
    """A head as it will be posted."""

    provider_head: Head  # which it replaces
    encoded: bytes  # for PNG: signature and all chunks before the first IDAT
    packet: bytes  # XMP, for a copy of the picture in another type; empty if none can be given

    @property
    def growth_bytes(self) -> int:
        """Longer than the provider's head: 0 if it was not stamped; may be negative."""
        return len(self.encoded) - self.provider_head.length_bytes


def read_stamped(buffer: bytes | bytearray, provenance: Provenance) -> StampedHead | None:
    """The head at the beginning of a picture of any type; None if it needs more bytes.

    Size in the metadata is that of the picture. Raises NotAPicture.
    """
    head = read_head(buffer)
    if head is None:
        return None
    provenance = replace(provenance, size=head.size)
    encoded = bytes(buffer[: head.length_bytes])
    match head.type:
        case PictureType.PNG:
            return _png(head, provenance)
        case PictureType.JPEG:
            return _jpeg(head, encoded, provenance)
        case PictureType.WEBP:
            # Never stamped: its metadata stands at its end, and its first chunk tells of them.
            packet = xmp_packet(provenance)
            return StampedHead(provider_head=head, encoded=encoded, packet=packet)
    assert_never(head.type)


def marks_of(whole: bytes) -> Marks | None:
    """From a packet such as ours; None if there is none. A WebP never has one.

    Raises NotAPicture.
    """
    head = read_head(whole)
    if head is None:
        raise NotAPicture("ends before its pixels")
    for packet in _packets(head, whole[: head.length_bytes]):
        try:
            said = _read(packet).ours
        except ValueError:
            continue
        if said.get("Job"):
            return Marks(job=said["Job"], seed=said.get("Seed", ""))
    return None


def _packets(head: Head, encoded: bytes) -> list[bytes]:
    if head.type is PictureType.JPEG:
        found = encoded.find(_XMP_IN_JPEG)
        length = int.from_bytes(encoded[max(found - 2, 0) : max(found, 0)], "big") - 2
        return [encoded[found : found + length][len(_XMP_IN_JPEG) :]] if found >= 4 else []
    try:
        return [packet for chunk in head.chunks if (packet := xmp_of(chunk)) is not None]
    except ValueError:
        return []


def xmp_packet(provenance: Provenance, *, is_labelled: bool = False) -> bytes:
    """A whole packet. `is_labelled`: the file already carries a TC260 label outside XMP."""
    present = {f"{TC260} AIGC"} if is_labelled else set[str]()
    description = _description(provenance, about="", present=present)
    return _PACKET.format(rdf=RDF, description=description).encode()


def merged_packet(packet: bytes, provenance: Provenance, *, is_labelled: bool = False) -> bytes:
    """The provider's packet, byte for byte, with ours inside.

    Raises ValueError if it cannot be read as XMP; then it must be passed on as it is.
    """
    found = _read(packet)
    present = found.properties | ({f"{TC260} AIGC"} if is_labelled else set())
    description = _description(provenance, about=found.about, present=present).encode()
    merged = packet[: found.rdf_end_at] + description + packet[found.rdf_end_at :]
    _read(merged)
    return merged


def _png(head: Head, provenance: Provenance) -> StampedHead:
    """With one packet right after IHDR, joined with the provider's if it wrote one."""
    ihdr, *others = head.chunks
    try:
        packets = [packet for chunk in others if (packet := xmp_of(chunk)) is not None]
    except ValueError:
        return _with_chunks(head, head.chunks, b"")
    found = packets[0] if packets else b""
    if len(packets) > 1 or any(chunk.type == _SIGNED for chunk in others):
        return _with_chunks(head, head.chunks, found)
    is_labelled = any(keyword_of(chunk) == b"AIGC" for chunk in others)
    try:
        packet = (
            merged_packet(found, provenance, is_labelled=is_labelled)
            if packets
            else xmp_packet(provenance, is_labelled=is_labelled)
        )
    except ValueError:
        return _with_chunks(head, head.chunks, found)
    kept = [chunk for chunk in others if xmp_of(chunk) is None]
    return _with_chunks(head, [ihdr, xmp_chunk(packet), *kept], packet)


def _with_chunks(head: Head, chunks: Iterable[Chunk], packet: bytes) -> StampedHead:
    encoded = SIGNATURE + b"".join(chunk.encoded() for chunk in chunks)
    return StampedHead(provider_head=head, encoded=encoded, packet=packet)


def _jpeg(head: Head, encoded: bytes, provenance: Provenance) -> StampedHead:
    """With a segment of its own behind JFIF's; as it is if the provider wrote something there."""
    packet = xmp_packet(provenance)
    is_taken = _XMP_IN_JPEG in encoded or _SIGNED_IN_JPEG in encoded
    if is_taken or len(packet) > JPEG_PACKET_LIMIT_BYTES:
        return StampedHead(provider_head=head, encoded=encoded, packet=b"")
    return StampedHead(provider_head=head, encoded=_with_segment(encoded, packet), packet=packet)


def _with_segment(encoded: bytes, packet: bytes) -> bytes:
    has_jfif = encoded[2:4] == b"\xff\xe0"
    at = 2 + (2 + int.from_bytes(encoded[4:6], "big") if has_jfif else 0)
    data = _XMP_IN_JPEG + packet
    segment = b"\xff\xe1" + (2 + len(data)).to_bytes(2, "big") + data
    return encoded[:at] + segment + encoded[at:]


def _properties(provenance: Provenance) -> dict[str, str]:
    return {
        "Iptc4xmpExt:DigitalSourceType": GENERATED,
        "Iptc4xmpExt:AIPromptInformation": provenance.prompt,
        "Iptc4xmpExt:AISystemUsed": provenance.model,
        "TC260:AIGC": _tc260_label(provenance),
        "xmp:CreatorTool": "Zeuxis",
        "zeuxis:RewrittenPrompt": provenance.rewritten_prompt,
        "zeuxis:Seed": str(provenance.seed),
        "zeuxis:Size": str(provenance.size),
        "zeuxis:Job": provenance.job_id,
    }


def _tc260_label(provenance: Provenance) -> str:
    label = {
        "Label": "1",  # is generated
        "ContentProducer": provenance.model,
        "ProduceID": provenance.provider_request_id or provenance.job_id,
        "ReservedCode1": "",
        "ContentPropagator": "Zeuxis",
        "PropagateID": provenance.job_id,
        "ReservedCode2": "",
    }
    return json.dumps(label, ensure_ascii=False, separators=(",", ":"))


def _description(provenance: Provenance, *, about: str, present: set[str]) -> str:
    lines = [
        f"<{name}>{_text(value)}</{name}>\n"
        for name, value in _properties(provenance).items()
        if value and _full_name(name) not in present
    ]
    prefixes = "".join(f"\n xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in _PREFIXES.items())
    start = f"<rdf:Description rdf:about={quoteattr(about)} xmlns:rdf={quoteattr(RDF)}{prefixes}>"
    return f"{start}\n{''.join(lines)}</rdf:Description>\n"


def _full_name(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{_PREFIXES[prefix]} {local}"


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value), {"\r": "&#13;"})


@dataclass(slots=True)
class _Reading:
    """What the parser met; names are `namespace local`."""

    path: list[str] = field(default_factory=list)
    properties: set[str] = field(default_factory=set)
    ours: dict[str, str] = field(default_factory=dict)  # by the local name
    about: str = ""
    rdf_end_at: int = -1  # byte offset of the closing tag of rdf:RDF

    def open(self, name: str, attributes: dict[str, str]) -> None:
        if self.path[-1:] == [f"{RDF} RDF"] and name == f"{RDF} Description":
            self.about = self.about or attributes.get(f"{RDF} about", "")
            self.properties.update(attributes)
        if self.path[-2:] == [f"{RDF} RDF", f"{RDF} Description"]:
            self.properties.add(name)
        self.path.append(name)

    def say(self, text: str) -> None:
        namespace, _, local = self.path[-1].rpartition(" ") if self.path else ("", "", "")
        if namespace == ZEUXIS:
            self.ours[local] = self.ours.get(local, "") + text


def _read(packet: bytes) -> _Reading:
    reading = _Reading()
    parser = expat.ParserCreate("utf-8", " ")

    def close(name: str) -> None:
        reading.path.pop()
        if name == f"{RDF} RDF":
            reading.rdf_end_at = parser.CurrentByteIndex

    def refuse_doctype(*_: object) -> None:
        raise ValueError("XMP packet with a DOCTYPE")

    parser.StartElementHandler = reading.open
    parser.EndElementHandler = close
    parser.CharacterDataHandler = reading.say
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(packet, True)
    except expat.ExpatError as error:
        raise ValueError(f"XMP packet is no XML: {error}") from error
    if packet[reading.rdf_end_at : reading.rdf_end_at + 2] != b"</":
        raise ValueError("XMP packet without rdf:RDF")
    return reading

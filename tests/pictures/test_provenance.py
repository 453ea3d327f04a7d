"""A picture says that a machine drew it; what the provider wrote stays, byte for byte."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pictures.provenance import (
    GENERATED,
    IPTC_EXT,
    RDF,
    TC260,
    ZEUXIS,
    merged_packet,
    xmp_packet,
)
from bot.records import replace
from tests.pictures.samples import PROVENANCE

PROVIDERS = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
<r:Description r:about='urn:picture:9' xmlns:TC260='http://www.tc260.org.cn/ns/AIGC/1.0/'
 xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:CreatorTool='Model Studio'>
<TC260:AIGC>{"Label":"1","ContentProducer":"alibaba"}</TC260:AIGC>
</r:Description></r:RDF></x:xmpmeta>   <?xpacket end='w'?>""".encode()


def _values(packet: bytes, name: str) -> list[str | None]:
    root = ET.fromstring(packet.decode())
    found = root.findall(f".//{{{RDF}}}Description/{name}")
    return [element.text for element in found]


def test_a_packet_holds_all_that_is_needed_to_draw_the_picture_again() -> None:
    """Prompt, rewritten prompt, seed, size, model and job, whatever characters they have."""
    packet = xmp_packet(PROVENANCE)

    assert _values(packet, f"{{{IPTC_EXT}}}AIPromptInformation") == [PROVENANCE.prompt]
    assert _values(packet, f"{{{IPTC_EXT}}}AISystemUsed") == ["z-image-turbo"]
    assert _values(packet, f"{{{ZEUXIS}}}RewrittenPrompt") == ["a very orange cat"]
    assert _values(packet, f"{{{ZEUXIS}}}Seed") == ["7"]
    assert _values(packet, f"{{{ZEUXIS}}}Size") == ["48*32"]
    assert _values(packet, f"{{{ZEUXIS}}}Job") == ["42"]


def test_a_packet_carries_both_marks_of_a_generated_picture() -> None:
    """IPTC's source type and China's label, which names producer and propagator."""
    packet = xmp_packet(PROVENANCE)
    label = json.loads(_values(packet, f"{{{TC260}}}AIGC")[0] or "")

    assert _values(packet, f"{{{IPTC_EXT}}}DigitalSourceType") == [GENERATED]
    assert label["Label"] == "1"
    assert label["ContentProducer"] == "z-image-turbo"
    assert label["ProduceID"] == "abf1645b-b630-433a-92f6-1"
    assert (label["ContentPropagator"], label["PropagateID"]) == ("Zeuxis", "42")


def test_what_is_not_known_is_not_written() -> None:
    """A prompt that was drawn as it stands leaves no empty property behind."""
    assert b"RewrittenPrompt" not in xmp_packet(replace(PROVENANCE, rewritten_prompt=""))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80))
def test_any_prompt_makes_a_readable_packet(prompt: str) -> None:
    """Markup, control characters and lone surrogates cannot break or forge the packet."""
    found = _values(xmp_packet(replace(PROVENANCE, prompt=f"x{prompt}")), f"{{{ZEUXIS}}}Seed")

    assert found == ["7"]


def test_a_carriage_return_survives() -> None:
    """XML readers would turn it into a line feed."""
    packet = xmp_packet(replace(PROVENANCE, prompt="a\rb\tc"))

    assert _values(packet, f"{{{IPTC_EXT}}}AIPromptInformation") == ["a\rb\tc"]


def test_the_providers_packet_stays_as_it_is_and_ours_joins_it() -> None:
    """Every byte of theirs is still there, in order; ours describes the same resource."""
    merged = merged_packet(PROVIDERS, PROVENANCE)
    at = PROVIDERS.index(b"</r:RDF>")

    assert merged.startswith(PROVIDERS[:at])
    assert merged.endswith(PROVIDERS[at:])
    assert merged.count(b'rdf:about="urn:picture:9"') == 1
    assert _values(merged, f"{{{ZEUXIS}}}Seed") == ["7"]


def test_a_label_that_is_there_is_never_written_again() -> None:
    """Neither their label nor their tool is altered, doubled or removed."""
    merged = merged_packet(PROVIDERS, PROVENANCE)

    assert _values(merged, f"{{{TC260}}}AIGC") == ['{"Label":"1","ContentProducer":"alibaba"}']
    assert merged.count(b"CreatorTool") == 1
    assert _values(merged, f"{{{IPTC_EXT}}}DigitalSourceType") == [GENERATED]


def test_a_label_outside_the_packet_counts_too() -> None:
    """Some generators write the bare JSON in a text chunk of its own."""
    assert b"TC260:AIGC" not in xmp_packet(PROVENANCE, is_labelled=True)


def test_merging_twice_adds_no_property_twice() -> None:
    """A picture that went through us before keeps what it says."""
    once = merged_packet(PROVIDERS, PROVENANCE)

    assert _values(merged_packet(once, PROVENANCE), f"{{{ZEUXIS}}}Job") == ["42"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"not xml",
        b"<x/>",
        b"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        PROVIDERS[:-60],
        PROVIDERS.decode().encode("utf-16"),
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" + PROVIDERS.partition(b"?>\n")[2],
    ],
)
def test_a_packet_that_cannot_be_read_is_not_touched(packet: bytes) -> None:
    """No XML, no RDF, cut off, another encoding, entities: the caller passes it on as it is."""
    with pytest.raises(ValueError, match="XMP packet"):
        merged_packet(packet, PROVENANCE)

"""A letter of ours breaks no demand of PDF/A-1, and each demand is broken by one change to it."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from tests.core.inspection.files import the_pdf

from liaison.core.conformance.archival_pdf import PDF_RULES, pdf_findings

Change = Callable[[Pdf], object]
LETTER = the_pdf()


def rules_of(data: bytes) -> set[str]:
    return {finding.rule.removeprefix("PDFA-") for finding in pdf_findings(data)}


def changed(change: Change, **options: object) -> bytes:
    """The letter written again after a change, its objects in clear."""
    output = BytesIO()
    as_is = {
        "object_stream_mode": pikepdf.ObjectStreamMode.disable,
        "stream_decode_level": pikepdf.StreamDecodeLevel.none,
    }
    with pikepdf.open(BytesIO(LETTER)) as pdf:
        change(pdf)
        pdf.save(output, **(options or as_is))
    return output.getvalue()


def put(key: str, value: Callable[[Pdf], object]) -> Change:
    return lambda pdf: pdf.Root.__setitem__(key, value(pdf))


def on_page(key: str, value: Callable[[Pdf], object]) -> Change:
    return lambda pdf: pdf.pages[0].obj.__setitem__(key, value(pdf))


def in_resources(kind: str, value: Callable[[Pdf], object]) -> Change:
    return lambda pdf: pdf.pages[0].obj.Resources.__setitem__(kind, Dictionary(X=value(pdf)))


def action(kind: str) -> Change:
    return put("/OpenAction", lambda pdf: pdf.make_indirect(Dictionary(S=Name(kind))))


def annotation(**keys: object) -> Change:
    return on_page("/Annots", lambda _: Array([Dictionary(Type=Name.Annot, Rect=[0, 0, 1, 1], **keys)]))


def said(old: bytes, new: bytes) -> Change:
    def change(pdf: Pdf) -> None:
        pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(old, new))

    return change


def without_glyphs(pdf: Pdf) -> None:
    for each in pdf.objects:
        if isinstance(each, Dictionary) and each.get("/Type") == Name.FontDescriptor:
            del each["/FontFile3"]


def stream(**keys: object) -> Callable[[Pdf], object]:
    return lambda pdf: Stream(pdf, b"", **keys)


CHANGES: list[tuple[str, Change]] = [
    ("OUTSIDE", put("/Extra", stream(F=String("ailleurs.bin")))),
    ("ATTACHMENT", put("/Extra", lambda _: Dictionary(Type=Name.Filespec, EF=Dictionary()))),
    ("LAYERS", put("/OCProperties", lambda _: Dictionary())),
    ("COLOUR", lambda pdf: pdf.Root.__delitem__("/OutputIntents")),
    ("COLOUR", put("/OutputIntents", lambda _: Array([Dictionary(S=Name.GTS_PDFA1)]))),
    ("IMAGE", in_resources("/XObject", stream(Subtype=Name.Image, Interpolate=True))),
    ("IMAGE", in_resources("/XObject", stream(Subtype=Name.Image, Alternates=Array()))),
    ("FORM", in_resources("/XObject", stream(Subtype=Name.PS))),
    ("FORM", in_resources("/XObject", stream(Subtype=Name.Form, Ref=Dictionary()))),
    ("TRANSFER", in_resources("/ExtGState", lambda _: Dictionary(TR=Name.Identity))),
    ("FONT", without_glyphs),
    ("FONT", in_resources("/Font", lambda _: Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))),
    ("TRANSPARENCY", in_resources("/ExtGState", lambda _: Dictionary(ca=0.5))),
    ("TRANSPARENCY", in_resources("/ExtGState", lambda _: Dictionary(BM=Name.Multiply))),
    ("TRANSPARENCY", in_resources("/ExtGState", lambda _: Dictionary(SMask=Dictionary(S=Name.Alpha)))),
    ("TRANSPARENCY", on_page("/Group", lambda _: Dictionary(S=Name.Transparency))),
    ("ANNOTATION", annotation(Subtype=Name.FileAttachment)),
    ("ANNOTATION", annotation(Subtype=Name.Movie)),
    ("ACTION", action("/JavaScript")),
    ("ACTION", action("/Launch")),
    ("ACTION", annotation(Subtype=Name.Link, A=Dictionary(S=Name.Launch))),
    ("TRIGGER", put("/AA", lambda _: Dictionary())),
    ("FILLED", put("/AcroForm", lambda _: Dictionary(NeedAppearances=True))),
    ("XMP", lambda pdf: pdf.Root.__delitem__("/Metadata")),
    ("PART", said(b"pdfaid:part>1", b"pdfaid:part>2")),
    ("LEVEL", said(b"pdfaid:conformance", b"pdfaid:autre")),
    ("STRUCTURE", lambda pdf: (said(b"conformance>B", b"conformance>A")(pdf), pdf.Root.__delitem__("/StructTreeRoot"))),
]
BYTES: list[tuple[str, bytes]] = [
    ("LZW", LETTER.replace(b"/FlateDecode", b"/LZWDecode  ", 1)),
    ("HEADER", LETTER.replace(b"%PDF-1.4", b"%PDF-2.0", 1)),
    ("END", LETTER + b"<script>"),
    ("ID", LETTER.replace(b"/ID", b"/Id")),
    ("XMP-FORM", LETTER.replace(b"<dc:title>", b"<dc:\x07itle>")),
    ("OBJECTS", changed(lambda _: None, object_stream_mode=pikepdf.ObjectStreamMode.generate)),
    ("ENCRYPTED", changed(lambda _: None, encryption=pikepdf.Encryption(owner="o", user=""))),
    ("ENCRYPTED", changed(lambda _: None, encryption=pikepdf.Encryption(owner="o", user="u"))),
    ("BROKEN", LETTER[: len(LETTER) // 2]),
    ("BROKEN", b"%PDF-1.4\nrien"),
]


def test_a_letter_of_ours_breaks_nothing() -> None:
    assert list(pdf_findings(LETTER)) == []
    assert rules_of(changed(lambda _: None)) == set()


@pytest.mark.parametrize(("rule", "change"), CHANGES)
def test_a_demand_is_broken_by_a_change(rule: str, change: Change) -> None:
    assert rule in rules_of(changed(change))


@pytest.mark.parametrize(("rule", "data"), BYTES)
def test_a_demand_is_broken_in_the_bytes(rule: str, data: bytes) -> None:
    assert rule in rules_of(data)


def test_metadata_that_are_compressed_are_not_in_clear() -> None:
    assert "XMP" in rules_of(
        LETTER.replace(b"/Subtype /XML", b"/Filter /None").replace(b"/Subtype/XML", b"/Filter/None")
    )


def test_no_rule_goes_unbroken() -> None:
    broken = {rule for rule, _ in (*CHANGES, *BYTES)}
    assert {rule.name.removeprefix("PDFA-") for rule in PDF_RULES} <= broken


def test_a_font_that_lacks_is_named() -> None:
    *_, lacking = (change for rule, change in CHANGES if rule == "FONT")
    (finding,) = (each for each in pdf_findings(changed(lacking)) if each.rule == "PDFA-FONT")
    assert finding.place == "police Helvetica"


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(LETTER)), st.binary(max_size=40), st.integers(0, 400))
def test_a_damaged_pdf_is_looked_at_without_a_fall(place: int, piece: bytes, cut: int) -> None:
    data = LETTER[:place] + piece + LETTER[place + cut :]
    assert all(finding.message for finding in pdf_findings(data))

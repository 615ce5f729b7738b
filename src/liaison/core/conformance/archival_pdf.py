"""The main demands of PDF/A-1 (ISO 19005-1) on a PDF. Only a validator may say that a file is one; these say it is not.

The clauses are beside the rules. What the drawing of each page says (its colours, its glyphs) is not looked at.
"""

import re
from collections.abc import Callable, Iterator

import pikepdf
from lxml import etree

from liaison.core.conformance.finding import Finding, Rule, Severity, findings_of
from liaison.core.notices import Unreadable
from liaison.core.pdf.anatomy import Anatomy, dissected, has, is_true, name_at

Test = Callable[[pikepdf.Object], bool]

_HEADER = re.compile(rb"%PDF-1\.[0-7][\r\n]{1,2}%[\x80-\xff]{4}")
_END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?\Z")
_PART = re.compile(rb"pdfaid:part(?:\s*=\s*[\"']|>)\s*1")
_LEVEL = re.compile(rb"pdfaid:conformance(?:\s*=\s*[\"']|>)\s*([AB])")
_FORBIDDEN_ACTIONS = ("/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/JavaScript", "/SetState", "/NOP")
_FORBIDDEN_ANNOTATIONS = ("/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia")
_PLAIN_BLENDS = frozenset({"", "/Normal", "/Compatible"})
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_SIMPLE_FONTS = ("/Type1", "/MMType1", "/TrueType", "/CIDFontType0", "/CIDFontType2")


def pdf_findings(data: bytes) -> Iterator[Finding]:
    """What a PDF breaks of PDF/A-1; never raises. A file that no password opens is only told to be one."""
    with dissected(data) as anatomy:
        if isinstance(anatomy, Unreadable):
            rule = "PDFA-ENCRYPTED" if anatomy.notice.code == "pdf_encrypted" else "PDFA-BROKEN"
            yield Finding(rule, "fichier", "error", anatomy.notice.message)
            return
        yield from findings_of(PDF_RULES, anatomy)


def unless(place: str, test: Callable[[Anatomy], object]) -> Callable[[Anatomy], Iterator[str]]:
    """Broken at this place when the file fails the test."""

    def broken_at(anatomy: Anatomy) -> Iterator[str]:
        if not test(anatomy):
            yield place

    return broken_at


def nowhere(place: str, test: Test) -> Callable[[Anatomy], Iterator[str]]:
    """Broken at this place when any dictionary passes the test."""
    return unless(place, lambda anatomy: not any(map(test, anatomy.dictionaries)))


def xmp(anatomy: Anatomy) -> bytes:
    """The metadata of the file, which must stand in clear; empty when there are none."""
    stream = anatomy.root.get("/Metadata")
    return stream.read_raw_bytes() if isinstance(stream, pikepdf.Stream) and "/Filter" not in stream else b""


def is_xml(packet: bytes) -> bool:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        return etree.fromstring(packet.strip(), parser) is not None
    except etree.XMLSyntaxError:
        return False


def level(anatomy: Anatomy) -> bytes:
    said = _LEVEL.search(xmp(anatomy))
    return said[1] if said else b""


def has_output_intent(anatomy: Anatomy) -> bool:
    return any(has(each, "/DestOutputProfile") for each in anatomy.named("/S", "/GTS_PDFA1"))


def is_embedded(font: pikepdf.Object) -> bool:
    descriptor = font.get("/FontDescriptor")
    return isinstance(descriptor, pikepdf.Dictionary) and has(descriptor, *_FONT_FILES)


def loose_fonts(anatomy: Anatomy) -> Iterator[str]:
    """One place for each font of which the file holds no glyph."""
    fonts = [each for each in anatomy.named("/Type", "/Font") if name_at(each, "/Subtype") in _SIMPLE_FONTS]
    yield from (f"police {name_at(font, '/BaseFont').lstrip('/') or '?'}" for font in fonts if not is_embedded(font))


def is_see_through(dictionary: pikepdf.Object) -> bool:
    """Transparency: a soft mask, an opacity, a blend mode, a group of it."""
    mask = dictionary.get("/SMask")
    has_mask = mask is not None and name_at(dictionary, "/SMask") != "/None"
    opacities = (dictionary.get("/CA"), dictionary.get("/ca"))
    is_faint = any(value is not None and value != 1 for value in opacities)
    return has_mask or is_faint or name_at(dictionary, "/BM") not in _PLAIN_BLENDS or is_group(dictionary)


def is_group(dictionary: pikepdf.Object) -> bool:
    group = dictionary.get("/Group")
    return isinstance(group, pikepdf.Dictionary) and name_at(group, "/S") == "/Transparency"


def filters(dictionary: pikepdf.Object) -> list[str]:
    said = dictionary.get("/Filter") if isinstance(dictionary, pikepdf.Stream) else None
    return [str(each) for each in said] if isinstance(said, pikepdf.Array) else [str(said)]


def is_outside(dictionary: pikepdf.Object) -> bool:
    return isinstance(dictionary, pikepdf.Stream) and has(dictionary, "/F", "/FFilter", "/FDecodeParms")


def is_rich_image(dictionary: pikepdf.Object) -> bool:
    is_image = name_at(dictionary, "/Subtype") == "/Image"
    return is_image and (has(dictionary, "/Alternates", "/OPI") or is_true(dictionary, "/Interpolate"))


def is_foreign_form(dictionary: pikepdf.Object) -> bool:
    kind = name_at(dictionary, "/Subtype")
    is_object = isinstance(dictionary, pikepdf.Stream)
    return is_object and (kind == "/PS" or (kind == "/Form" and has(dictionary, "/Ref", "/OPI", "/PS")))


def transfers(dictionary: pikepdf.Object) -> bool:
    return has(dictionary, "/TR") or name_at(dictionary, "/TR2") not in ("", "/Default")


def is_marked(anatomy: Anatomy) -> bool:
    """Level A says the structure of the text; level B need not."""
    marks = anatomy.root.get("/MarkInfo")
    is_said = isinstance(marks, pikepdf.Dictionary) and is_true(marks, "/Marked")
    return level(anatomy) != b"A" or (is_said and has(anatomy.root, "/StructTreeRoot"))


def acts(dictionary: pikepdf.Object) -> bool:
    return name_at(dictionary, "/S") in _FORBIDDEN_ACTIONS or has(dictionary, "/JS")


def is_forbidden_annotation(dictionary: pikepdf.Object) -> bool:
    return name_at(dictionary, "/Subtype") in _FORBIDDEN_ANNOTATIONS and has(dictionary, "/Rect")


def fills_itself(anatomy: Anatomy) -> bool:
    form = anatomy.root.get("/AcroForm")
    return isinstance(form, pikepdf.Dictionary) and (is_true(form, "/NeedAppearances") or has(form, "/XFA"))


def _rule(
    name: str, message: str, broken_at: Callable[[Anatomy], Iterator[str]], severity: Severity = "warning"
) -> Rule[Anatomy]:
    return Rule(f"PDFA-{name}", severity, message, broken_at)


PDF_RULES: tuple[Rule[Anatomy], ...] = (
    # 6.1: the file
    _rule("HEADER", "Le PDF n'a pas l'en-tête de PDF/A-1.", unless("en-tête", lambda each: _HEADER.match(each.data))),
    _rule("END", "Le PDF porte des octets après sa fin.", unless("fin", lambda each: _END.search(each.data))),
    _rule("ID", "Le PDF n'a pas d'identifiant (ID).", unless("trailer", lambda each: has(each.pdf.trailer, "/ID"))),
    _rule(
        "ENCRYPTED",
        "Le PDF est chiffré : il ne s'ouvrira pas partout ni toujours.",
        unless("trailer", lambda each: not each.pdf.is_encrypted),
        "error",
    ),
    _rule(
        "OBJECTS",
        "Le PDF comprime ses objets, ce que PDF/A-1 interdit.",
        unless("objets", lambda each: not any(mark in each.data for mark in (b"/ObjStm", b"/XRef"))),
    ),
    _rule("LZW", "Le PDF est comprimé en LZW.", nowhere("flux", lambda each: "/LZWDecode" in filters(each))),
    _rule("OUTSIDE", "Le PDF renvoie à un fichier extérieur.", nowhere("flux", is_outside)),
    _rule("ATTACHMENT", "Le PDF contient une pièce jointe.", nowhere("fichiers", lambda each: has(each, "/EF"))),
    _rule("LAYERS", "Le PDF a des calques.", unless("catalogue", lambda each: not has(each.root, "/OCProperties"))),
    # 6.2 to 6.4: what is drawn
    _rule("COLOUR", "Le PDF ne dit pas ses couleurs (OutputIntent).", unless("catalogue", has_output_intent)),
    _rule("IMAGE", "Une image du PDF a une variante ou s'interpole.", nowhere("images", is_rich_image)),
    _rule("FORM", "Le PDF contient du PostScript ou un objet d'un autre fichier.", nowhere("objets", is_foreign_form)),
    _rule("TRANSFER", "Le PDF change ses couleurs par une fonction de transfert.", nowhere("état", transfers)),
    _rule("FONT", "Une police n'est pas dans le PDF : il ne se lira pas partout de même.", loose_fonts),
    _rule("TRANSPARENCY", "Le PDF emploie la transparence.", nowhere("état graphique", is_see_through)),
    # 6.5, 6.6 and 6.9: what it does
    _rule("ANNOTATION", "Le PDF porte un son, un film ou un fichier.", nowhere("annotations", is_forbidden_annotation)),
    _rule("ACTION", "Le PDF lance un programme, du JavaScript ou une autre action.", nowhere("actions", acts)),
    _rule("TRIGGER", "Le PDF réagit à ce que fait la personne.", nowhere("actions", lambda each: has(each, "/AA"))),
    _rule("FILLED", "Le formulaire du PDF se remplit seul.", unless("formulaire", lambda each: not fills_itself(each))),
    # 6.7 and 6.8: what it says of itself
    _rule("XMP", "Le PDF n'a pas de métadonnées en clair (XMP).", unless("catalogue", xmp)),
    _rule(
        "XMP-FORM",
        "Les métadonnées (XMP) du PDF sont mal formées.",
        unless("métadonnées", lambda each: is_xml(xmp(each))),
    ),
    _rule("PART", "Le PDF ne se dit pas PDF/A-1.", unless("métadonnées", lambda each: _PART.search(xmp(each)))),
    _rule("LEVEL", "Le PDF ne dit pas son niveau de conformité (A ou B).", unless("métadonnées", level)),
    _rule("STRUCTURE", "Le PDF se dit de niveau A sans structure.", unless("catalogue", is_marked)),
)

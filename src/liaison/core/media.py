"""What bytes are, whatever the sender called them: the first bytes of a file decide, its name and label do not."""

import re

PDF = "application/pdf"
ZIP = "application/zip"
XML = "text/xml"
HTML = "text/html"
PLAIN = "text/plain"
TNEF = "application/ms-tnef"
OFFICE = "application/vnd.openxmlformats-officedocument"
UNKNOWN = "application/octet-stream"

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "text/rtf"),
    (b"\x78\x9f\x3e\x22", TNEF),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_FIRST_BYTES = tuple(signature for signature, _ in _SIGNATURES)
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_OFFICE_FIRST_MEMBERS = (b"[Content_Types].xml", b"_rels/.rels", b"mimetypeapplication/")
_NAME_OF_FIRST_MEMBER = slice(30, 60)
_RECOGNISED = frozenset(kind for _, kind in _SIGNATURES) | {PDF, ZIP, "application/x-zip-compressed"}
_PDF_HEADER_WINDOW = 1024
_TEXT_WINDOW = 4096
_CDA_WINDOW = 65536
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BARE_UTF16 = ("<?".encode("utf-16-le"), "<?".encode("utf-16-be"))
_XML_START = re.compile(rb"<(\?xml|([A-Za-z_][\w.-]*:)?(ClinicalDocument|SubmitObjectsRequest)[\s>])")
# What may stand before a CDA that no declaration announces: a comment, an instruction, the style sheet that holds it.
_CDA_START = re.compile(rb"<(!--|\?|([A-Za-z_][\w.-]*:)?(stylesheet|transform)[\s>])")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML_START = re.compile(rb"<(!doctype html|html)[\s>]", re.IGNORECASE)


def media_type(content: bytes, declared: str = "") -> str:
    """The media type of the bytes; the declared one is believed only where no signature can tell."""
    if content.startswith(_ZIP_SIGNATURES):
        return _zip_type(content)
    if content.startswith(_FIRST_BYTES):
        return next(kind for signature, kind in _SIGNATURES if content.startswith(signature))
    if b"%PDF-" in content[:_PDF_HEADER_WINDOW]:
        return PDF
    return _text_type(content, declared) or _declared_type(declared)


def is_zip(content: bytes) -> bool:
    return content.startswith(_ZIP_SIGNATURES) and _zip_type(content) == ZIP


def is_cda(content: bytes) -> bool:
    """Whether the bytes look like a CDA R2 document, self-presenting style sheet included, however long that is."""
    start = content[:_CDA_WINDOW].replace(b"\x00", b"")
    if b"XSL/Transform" in start:
        start = content
    return b"ClinicalDocument" in start and b"urn:hl7-org:v3" in start


def _zip_type(content: bytes) -> str:
    """A zip, or the office document that is one inside: nobody opens that as an archive."""
    office = content[_NAME_OF_FIRST_MEMBER].startswith(_OFFICE_FIRST_MEMBERS)
    return OFFICE if office and b"METADATA.XML" not in content.upper() else ZIP


def _text_type(content: bytes, declared: str) -> str:
    start = content[:_TEXT_WINDOW]
    if start.startswith((*_BYTE_ORDER_MARKS[1:], *_BARE_UTF16)):
        start = start.replace(b"\x00", b"")
    for mark in _BYTE_ORDER_MARKS:
        start = start.removeprefix(mark)
    start = start.lstrip()
    if _XML_START.match(start) or (_CDA_START.match(start) and is_cda(content)):
        return HTML if b"<html" in start.lower() and not is_cda(content) else XML
    if _HTML_START.match(start):
        return HTML
    if b"\x00" in start:
        return ""
    if declared == UNKNOWN or declared in _RECOGNISED:
        return "" if not start or _CONTROLS.search(start) else PLAIN
    return _plain_type(declared)


def _plain_type(declared: str) -> str:
    if declared.startswith("text/") and declared not in {XML, HTML, "text/rtf"}:
        return declared
    return PLAIN if declared.startswith("text/") or not declared else ""


def _declared_type(declared: str) -> str:
    return UNKNOWN if declared in _RECOGNISED or not declared or declared.startswith("text/") else declared

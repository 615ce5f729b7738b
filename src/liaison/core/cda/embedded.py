"""The files a CDA carries inside: the body of a level 1, and the pictures and PDF of any entry."""

import binascii

from liaison.core.cda.markup import Element, attribute, descendants, find
from liaison.core.cda.values import Embedded
from liaison.core.media import media_type
from liaison.core.notices import Notice

_PACKED = ("value", "text", "thumbnail", "originalText")
_PACKED_TYPES = ("image/", "application/pdf")
_BLANKS = b" \t\r\n"
_BODY = "component/nonXMLBody/text"


def read_embedded(document: Element) -> tuple[tuple[Embedded, ...], tuple[Notice, ...]]:
    """Every base64 block of the document, the body first. Media types are those of the bytes, not those announced."""
    body = find(document, _BODY)
    blocks = [each for each in descendants(document, *_PACKED) if each is not body and _is_base64(each)]
    files, notices = _read_body(body)
    read = [(_decoded(_packed(block)), attribute(block, "mediaType")) for block in blocks]
    if any(content is None for content, _ in read):
        notices = (*notices, Notice("embedded_unreadable", "Une pièce incluse dans le document est illisible."))
    files += tuple(Embedded(media_type(content, declared), content) for content, declared in read if content)
    return files, notices


def _read_body(body: Element | None) -> tuple[tuple[Embedded, ...], tuple[Notice, ...]]:
    if body is None:
        return (), ()
    if not any(str(piece).strip() for piece in body.itertext()):
        return (), (Notice("body_missing", "Le document ne contient pas son contenu : il renvoie à un autre fichier."),)
    content = _decoded(_packed(body))
    if content is None and _is_base64(body):
        return (), (Notice("body_unreadable", "Le contenu inclus dans le document est illisible (base64)."),)
    if content is None or _is_plain(body):
        content = _text(body).encode("utf-8")
    return (Embedded(media_type(content, attribute(body, "mediaType")), content),), ()


def _is_base64(element: Element) -> bool:
    """Whether the block says so, or holds by its type what only base64 can hold."""
    said = attribute(element, "representation").upper()
    return said == "B64" or (not said and attribute(element, "mediaType").startswith(_PACKED_TYPES))


def _is_plain(body: Element) -> bool:
    """A text body says so by its type or by having none; only then may words be taken for words."""
    return not _is_base64(body) and attribute(body, "mediaType") in ("", "text/plain")


def _text(element: Element) -> str:
    return "".join(map(str, element.itertext()))


def _packed(element: Element) -> bytes | None:
    """The letters of a base64 block without their blanks; None when they are no ASCII. Its text is let go at once."""
    try:
        return _text(element).encode("ascii").translate(None, _BLANKS)
    except UnicodeEncodeError:
        return None


def _decoded(packed: bytes | None) -> bytes | None:
    """Base64 as senders write it: its padding, too much of it or none. The right form is decoded without a copy."""
    if packed is None:
        return None
    try:
        return binascii.a2b_base64(packed, strict_mode=True)
    except ValueError:
        return _decoded_anyhow(packed.rstrip(b"="))


def _decoded_anyhow(bare: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
    except ValueError:
        return None

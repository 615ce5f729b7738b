"""XML in and out: the one door through which untrusted CDA bytes become a tree, and the pen that writes elements."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias, cast

from lxml import etree
from lxml.etree import _Element
from lxml.objectify import ObjectPath

from liaison.core.cda.terms import HL7, XSI
from liaison.core.notices import Notice, Unreadable

Element: TypeAlias = _Element
NAMESPACES = {"h": HL7}
_IN_HL7 = f"{{{HL7}}}"
MAX_BYTES = 40 * 1024 * 1024
MAX_DEPTH = 256
LIBXML_TEXT_LIMIT = 10_000_000

# The stubs know no default namespace, whose prefix is None.
_PREFIXES = cast("dict[str, str]", {None: HL7, "xsi": XSI})
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
# Each name in use, and what it is read as: software that says « ASCII » writes UTF-8, of which it is the start.
_ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8", "us-ascii", "ascii"), "utf-8"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1"), "iso-8859-1"),
    **dict.fromkeys(("iso-8859-15", "iso8859-15", "latin9", "latin-9"), "iso-8859-15"),
    **dict.fromkeys(("windows-1252", "cp1252"), "windows-1252"),
}
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(rb"^\s*<\?xml\s[^>]{0,400}\?>")
_MISC = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _RefusedError(Exception):
    """Why bytes do not become a tree; never leaves this module."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.notice = Notice(code, message)


def parse(data: bytes) -> tuple[Element, tuple[Notice, ...]] | Unreadable:
    """The ClinicalDocument element of a CDA, wherever the root holds it, with the notices of its decoding.

    A document type, hence any entity, is refused before the parser sees it; nothing is fetched, no stylesheet is run.
    We decode ourselves: a parser left to choose would accept encodings in which a document type can hide.
    """
    try:
        root, notices = _root(data)
        return _clinical_document(root), notices
    except _RefusedError as refused:
        return Unreadable(refused.notice)


def _root(data: bytes) -> tuple[Element, tuple[Notice, ...]]:
    if not data.strip():
        raise _RefusedError("cda_empty", "Le document est vide.")
    if len(data) > MAX_BYTES:
        raise _RefusedError("cda_too_big", "Le document dépasse la taille que Liaison accepte de lire (40 Mo).")
    encoding, body = _encoding(data)
    if encoding == "utf-8":
        return _root_in_utf8(body)
    try:
        return _tree(body.decode(encoding).encode()), ()
    except UnicodeDecodeError:
        raise _RefusedError("cda_encoding", "Le texte du document est illisible (encodage).") from None


def _root_in_utf8(body: bytes) -> tuple[Element, tuple[Notice, ...]]:
    """The bytes go to the parser as they came; only those it refuses are looked at for another encoding."""
    try:
        return _tree(body), ()
    except _RefusedError:
        if _is_utf8(body):
            raise
    message = "Le document se dit en UTF-8 mais ne l'est pas : il a été lu comme du texte Windows."
    return _tree(body.decode("windows-1252", "replace").encode()), (Notice("cda_encoding_wrong", message),)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _encoding(data: bytes) -> tuple[str, bytes]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding, data[len(mark) :]
    for start, encoding in _BARE_UTF16:
        if data.startswith(start):
            return encoding, data
    declared = _ENCODING.match(data)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name not in _ENCODINGS:
        raise _RefusedError("cda_encoding", "L'encodage annoncé par le document n'est pas accepté.")
    return _ENCODINGS[name], data


def _without_prolog(text: bytes) -> bytes:
    declaration = _DECLARATION.match(text)
    position = declaration.end() if declaration else 0
    while misc := _MISC.match(text, position):
        position = misc.end()
    if text.startswith(b"<!", position):
        message = "Le document déclare un type ou des entités XML : il est refusé par sécurité."
        raise _RefusedError("cda_doctype", message)
    return text[position:]


def fragment(markup: str) -> Element:
    """The element of a piece of a tree that was parsed here before, and kept as text."""
    content = markup.encode()
    return etree.fromstring(content, _parser(huge=len(content) >= LIBXML_TEXT_LIMIT))


def _parser(*, huge: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=huge,
    )


def _tree(document: bytes) -> Element:
    text = _without_prolog(document)
    # Without huge_tree libxml2 keeps its own limits (depth, amplification); it is lifted only for a big embedded file.
    huge = len(text) >= LIBXML_TEXT_LIMIT
    try:
        root = etree.fromstring(text, _parser(huge=huge))
    except etree.XMLSyntaxError:
        raise _RefusedError(
            "cda_not_xml", "Le document CDA ne peut pas être lu : ce n'est pas du XML bien formé."
        ) from None
    if huge and _is_too_deep(root):
        raise _RefusedError("cda_too_deep", "Le document emboîte trop d'éléments pour être lu.")
    return root


def _is_too_deep(root: Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _clinical_document(root: Element) -> Element:
    found = next(root.iter(f"{{{HL7}}}ClinicalDocument"), None)
    if found is None:
        raise _RefusedError("cda_not_clinical", "Le fichier XML n'est pas un document CDA.")
    return found


def find(element: Element | None, path: str) -> Element | None:
    """The element at a path of HL7 names (``consumable/manufacturedProduct``), the first of its name at each step."""
    return None if element is None else _path(path)(element, None)


def find_all(element: Element | None, path: str) -> list[Element]:
    """Every element at a path of HL7 names, through every branch."""
    name, tag, below = _first_step(path)
    first = find(element, name)
    if first is None:
        return []
    found = [first, *first.itersiblings(tag)]
    return [each for parent in found for each in find_all(parent, below)] if below else found


@lru_cache(maxsize=1024)
def _first_step(path: str) -> tuple[str, str, str]:
    """The name of the first step of a path, its tag, and the steps below."""
    name, _, below = path.partition("/")
    return name, _IN_HL7 + name, below


@lru_cache(maxsize=1024)
def _path(path: str) -> Callable[[Element, None], Element | None]:
    """A path as lxml walks it by itself, many times faster than it evaluates a query."""
    return cast("Callable[[Element, None], Element | None]", ObjectPath(f".{_IN_HL7}{path.replace('/', '.')}"))


def descendants(element: Element, *names: str) -> list[Element]:
    return list(element.iter(*(_IN_HL7 + name for name in names)))


def attribute(element: Element | None, name: str) -> str:
    """The value of an attribute, without blanks around; empty when the element or the attribute is missing."""
    return "" if element is None else element.get(name, "").strip()


def attribute_at(element: Element | None, path: str, name: str) -> str:
    return attribute(find(element, path), name)


def words(element: Element | None) -> str:
    """All the text of an element on one line."""
    text = None if element is None else _text_inside(element)
    return on_one_line(text) if text else ""


def on_one_line(text: str) -> str:
    """Its words, one blank between two: most texts come so, and are not cut into words to find out."""
    if "  " not in text and text.isprintable():
        return text.strip(" ")
    return " ".join(text.split())


def _text_inside(element: Element) -> str | None:
    """Its own text when it holds nothing else, or nothing but an empty ``reference``, as most elements do."""
    held = len(element)
    if not held or (held == 1 and not len(element[0]) and element[0].text is None and element[0].tail is None):
        return element.text
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False)


def words_at(element: Element | None, path: str) -> str:
    return words(find(element, path))


def name_of(element: Element) -> str:
    """The local name, empty for an element of another namespace than HL7's."""
    return _local_name(str(element.tag))


@lru_cache(maxsize=1024)
def _local_name(tag: str) -> str:
    return tag.removeprefix(_IN_HL7) if tag.startswith(_IN_HL7) else ""


def written(tag: str, *children: "Element | str | None", **attributes: str) -> Element:
    """An HL7 element with its children in order; ``None`` children and empty attributes are left out.

    ``type_`` writes xsi:type; characters that XML cannot hold are dropped.
    """
    element = etree.Element(f"{{{HL7}}}{tag}", nsmap=_PREFIXES)
    for name, value in attributes.items():
        if value:
            element.set(f"{{{XSI}}}type" if name == "type_" else name, clean(value))
    for child in children:
        _append(element, child)
    return element


def _append(element: Element, child: "Element | str | None") -> None:
    if isinstance(child, str):
        _append_text(element, clean(child))
    elif child is not None:
        element.append(child)


def _append_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def serialized(root: Element) -> bytes:
    etree.cleanup_namespaces(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

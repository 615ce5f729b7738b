"""The list of the domains of the MSSanté trust circle (liste blanche), as the ANS publishes it: XML, no DTD."""

from collections.abc import Iterator

from lxml import etree

from liaison.core.notices import Notice, Unreadable

NAMESPACE = "https://listeblanche.mssante.fr/schema"
MOST_BYTES = 20_000_000
LONGEST_DOMAIN = 253

NOT_A_LIST = Notice("not_an_allow_list", "Ce fichier n'est pas la liste blanche MSSanté.")
TOO_LARGE = Notice("allow_list_too_large", "La liste blanche est trop grande (20 Mo au plus).")
WITH_DTD = Notice("allow_list_dtd", "La liste blanche porte une DTD : elle n'est pas lue.")
EMPTY = Notice("allow_list_empty", "La liste blanche ne porte aucun domaine.")


def read_allow_list(content: bytes) -> tuple[str, ...] | Unreadable:
    """The domains of ``//Domaine/Nom``, each once, in lower case and in the form addresses are compared in."""
    if len(content) > MOST_BYTES:
        return Unreadable(TOO_LARGE)
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return Unreadable(NOT_A_LIST)
    if root.getroottree().docinfo.internalDTD is not None:
        return Unreadable(WITH_DTD)
    if etree.QName(root).namespace != NAMESPACE:
        return Unreadable(NOT_A_LIST)
    domains = tuple(dict.fromkeys(_domains(root)))
    return domains or Unreadable(EMPTY)


def domain_key(domain: str) -> str:
    """The form two writings of one domain share: lower case, and the ASCII form of an international name (IDNA)."""
    plain = domain.strip().strip(".").lower()
    if plain.isascii():
        return plain
    try:
        return plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain


def _domains(root: etree._Element) -> Iterator[str]:
    for name in root.iterfind(f".//{{{NAMESPACE}}}Domaine/{{{NAMESPACE}}}Nom"):
        domain = domain_key(name.text or "")
        if "." in domain and len(domain) <= LONGEST_DOMAIN and " " not in domain:
            yield domain

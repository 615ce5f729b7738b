"""A mail as received, read into its values (RFC 5322, MIME). Reading never raises: notices say what was off."""

import re
from datetime import datetime

from liaison.core.mail.beginning import upright
from liaison.core.mail.encoding import decode_text
from liaison.core.mail.headers import Headers, find_body, read_addresses, read_date, read_message_ids
from liaison.core.mail.hprim import read_hprim
from liaison.core.mail.html import MAX_HTML_BYTES, html_to_text
from liaison.core.mail.leaves import TypedLeaf, read_leaves
from liaison.core.mail.receipt_words import is_receipt_subject, is_receipt_text
from liaison.core.mail.values import REPORT_PARTS, Address, Category, Leaf, Mail
from liaison.core.media import HTML, PDF, PLAIN, XML, is_cda
from liaison.core.notices import Notice

MESSAGE_ID_MISSING = Notice("message_id_missing", "Le message n'a pas d'identifiant.")
DATE_UNREADABLE = Notice("date_unreadable", "La date du message est absente ou illisible.")
SENDER_MISSING = Notice("sender_missing", "Le message n'a pas d'expéditeur lisible.")
HEADER_REPEATED = Notice("header_repeated", "Un en-tête du message est répété : le premier a été retenu.")

_KO_SUBJECT = re.compile(r"\s*\[(KO Int[ée]gration|Erreur d['’]int[ée]gration)", re.IGNORECASE)
_AWAY_SUBJECT = re.compile(
    r"\s*(r[ée]ponse automatique|absence du bureau|message d['’]absence|absent\(?e?\)? du bureau|out of office"
    r"|automatic reply|auto(matic)?[- ]?reply)\b",
    re.IGNORECASE,
)
_ANSWERING_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply")
# The kinds of the machine's part, without the letter that may be a capital.
_MARKS_OF_REPORTS = (b"elivery-status", b"isposition-notification")
_ONCE = ("message-id", "from", "subject", "date", "content-type", "in-reply-to")


def read_mail(raw: bytes) -> Mail:
    """The message, all its leaves and its category. A report is known for one before anything in it is opened."""
    raw = upright(raw)
    headers, _ = find_body(raw, 0, len(raw))
    subject = headers.text("subject")
    report = _is_report(headers, subject) or _turns_out_a_report(raw, subject)
    found = read_leaves(raw, opened=not report)
    leaves = tuple(item.leaf for item in found)
    sender = _sender(headers)
    message_id = next(iter(read_message_ids(headers.raw("message-id"))), "")
    date = read_date(headers.raw("date"))
    return Mail(
        message_id=message_id,
        in_reply_to=next(iter(read_message_ids(headers.raw("in-reply-to"))), ""),
        references=read_message_ids(" ".join(headers.all("references"))),
        sender=sender,
        to=headers.addresses("to"),
        cc=headers.addresses("cc"),
        reply_to=headers.addresses("reply-to"),
        return_path=_return_path(headers),
        subject=subject,
        date=date,
        category="report" if report else _category(headers, subject, leaves),
        body=_body(found),
        leaves=leaves,
        disposition_notification_to=_asked_by(headers),
        mss_headers=_mss_headers(headers),
        notices=_notices(headers, message_id, date, sender),
    )


def _is_report(headers: Headers, subject: str) -> bool:
    """A DSN or an MDN (RFC 6522), the plain mail of the ANS volet where no MDN was asked for, or a robot's sentence."""
    if headers.content_type == "multipart/report" or _KO_SUBJECT.match(subject):
        return True
    return is_receipt_subject(subject) and (_return_path(headers) == "<>" or _automatic(headers) not in {"", "no"})


def _turns_out_a_report(raw: bytes, subject: str) -> bool:
    """A report in another envelope (a gateway added its footer), or a program's receipt that does not say it is one."""
    worded = is_receipt_subject(subject)
    if not worded and not any(mark in raw for mark in _MARKS_OF_REPORTS):
        return False
    shut = read_leaves(raw, opened=False)
    return any(each.leaf.declared_type in REPORT_PARTS for each in shut) or (worded and is_receipt_text(_body(shut)))


def _automatic(headers: Headers) -> str:
    return headers.text("auto-submitted").partition(";")[0].strip().lower()


def _category(headers: Headers, subject: str, leaves: tuple[Leaf, ...]) -> Category:
    """An automatic answer first; then documents, which a sending robot may well carry; then other robots."""
    automatic = _automatic(headers)
    if automatic == "auto-replied" or _is_away_message(headers, subject):
        return "automatic"
    if any(_is_clinical(leaf) for leaf in leaves):
        return "clinical"
    robot = automatic not in {"", "no"} or _return_path(headers) == "<>"
    return "automatic" if robot else "plain"


def _is_away_message(headers: Headers, subject: str) -> bool:
    return (
        any(headers.raw(name) for name in _ANSWERING_HEADERS)
        or headers.text("precedence").lower() == "auto_reply"
        or bool(_AWAY_SUBJECT.match(subject))
    )


def _is_clinical(leaf: Leaf) -> bool:
    """A PDF, a CDA, the metadata that make a zip an XDM package, or a letter in the text form of HPRIM."""
    if leaf.media_type == PDF:
        return True
    if leaf.media_type == PLAIN:
        return bool(read_hprim(leaf.content))
    metadata = "!" in leaf.path and leaf.path.upper().endswith("METADATA.XML")
    return metadata or (leaf.media_type == XML and is_cda(leaf.content))


def _sender(headers: Headers) -> Address:
    found = headers.addresses("from") or headers.addresses("sender")
    return found[0] if found else Address(email="", label=headers.text("from"))


def _return_path(headers: Headers) -> str:
    """The envelope sender: ``<>`` when null, empty when no server wrote it."""
    value = headers.raw("return-path").strip()
    if value.replace(" ", "") == "<>":
        return "<>"
    return next((address.email for address in read_addresses(value)), "")


def _asked_by(headers: Headers) -> str:
    """Who asks for an MDN: one address, or several with commas, which nobody may answer (RFC 8098 §2.1)."""
    emails = (address.email for address in headers.addresses("disposition-notification-to"))
    return ", ".join(dict.fromkeys(emails))


def _mss_headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.upper(), headers.text(name)) for name, _ in headers.fields if name.startswith("x-mss-"))


def _notices(headers: Headers, message_id: str, date: datetime | None, sender: Address) -> tuple[Notice, ...]:
    wrong = (
        (not message_id, MESSAGE_ID_MISSING),
        (date is None, DATE_UNREADABLE),
        (not sender.email, SENDER_MISSING),
        (any(len(headers.all(name)) > 1 for name in _ONCE), HEADER_REPEATED),
    )
    return tuple(notice for present, notice in wrong if present)


def _body(found: tuple[TypedLeaf, ...]) -> str:
    """The words of the sender; those of a part with a name when nothing else is said, as some software names it."""
    inline = [item for item in found if _is_inline_text(item.leaf)]
    return _words_of([item for item in inline if not item.leaf.name]) or _words_of(inline)


def _words_of(inline: list[TypedLeaf]) -> str:
    """The plain text parts, else the HTML ones reduced to text."""
    plain = _joined([_text(item.leaf.content, item) for item in inline if item.leaf.declared_type == "text/plain"])
    pages = (item for item in inline if HTML in {item.leaf.declared_type, item.leaf.media_type})
    return plain or _joined([html_to_text(_text(_first_tags(item.leaf.content), item)) for item in pages])


def _first_tags(page: bytes) -> bytes:
    """What is read of a page, cut after a tag so that no letter is cut in two."""
    return page if len(page) <= MAX_HTML_BYTES else page[: page.rfind(b">", 0, MAX_HTML_BYTES) + 1]


def _is_inline_text(leaf: Leaf) -> bool:
    own = not any(mark in leaf.path for mark in "!>")
    return own and leaf.disposition != "attachment" and leaf.declared_type.startswith("text/")


def _text(content: bytes, item: TypedLeaf) -> str:
    text = decode_text(content, item.charset)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _joined(texts: list[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())

"""A mail to send, as bytes (RFC 5322, MIME): UTF-8, CRLF, names by RFC 2231, subject by RFC 2047.

The same mail always gives the same bytes, so that sending again after a crash sends the same message.
"""

import base64
import hashlib
import quopri
import re
from collections.abc import Iterable, Sequence
from email.utils import format_datetime
from urllib.parse import quote

from liaison.core.mail.headers import clean
from liaison.core.mail.values import Address, Attachment, OutgoingMail

_WORD_BYTES = 39
_LINE = 76
_PARAMETER_CHARACTERS = 60
_ATOMS = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*", re.ASCII)
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_BARE_LINE_ENDS = re.compile(rb"(?<!\r)\n|\r(?!\n)")


def compose(mail: OutgoingMail) -> bytes:
    """The message, ready for SMTP. Bcc does not exist here: the envelope is the sender's business."""
    headers = [
        *_address_headers(mail),
        ("Subject", encode_text(mail.subject)),
        ("Date", format_datetime(mail.date)),
        ("Message-ID", clean(mail.message_id)),
        ("In-Reply-To", clean(mail.in_reply_to)),
        ("References", "\r\n ".join(map(clean, mail.references))),
        (
            "Disposition-Notification-To",
            f"<{mail.disposition_notification_to}>" if mail.disposition_notification_to else "",
        ),
        *((name, encode_text(value)) for name, value in mail.headers),
        ("MIME-Version", "1.0"),
    ]
    body = text_part(mail.body)
    if mail.attachments:
        body = multipart("mixed", [body, *map(attachment_part, mail.attachments)], seed=mail.message_id)
    return header_block(headers) + body


def _address_headers(mail: OutgoingMail) -> list[tuple[str, str]]:
    return [
        ("From", format_address(mail.sender)),
        ("To", ",\r\n ".join(map(format_address, mail.to))),
        ("Reply-To", format_address(mail.reply_to) if mail.reply_to else ""),
    ]


def header_block(headers: Iterable[tuple[str, str]]) -> bytes:
    """The header lines, those without a value left out."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers if value).encode("ascii", "replace")


def format_address(address: Address) -> str:
    email = clean(address.email).replace("<", "").replace(">", "")
    label = clean(address.label)
    if not label:
        return f"<{email}>"
    phrase = label if _ATOMS.fullmatch(label) and "=?" not in label else encode_words(label)
    return f"{phrase} <{email}>" if len(phrase) + len(email) < _LINE else f"{phrase}\r\n <{email}>"


def encode_text(value: str) -> str:
    """A free text for a header: as it is when short ASCII, else as encoded words (RFC 2047)."""
    text = clean(value)
    return text if text.isascii() and "=?" not in text and len(text) < _LINE else encode_words(text)


def encode_words(text: str) -> str:
    """Base64 encoded words of at most 64 characters, never cut inside a letter (RFC 2047 §2 and §5)."""
    words, piece = [], b""
    for letter in text:
        encoded = letter.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _WORD_BYTES:
            words.append(piece)
            piece = b""
        piece += encoded
    words.append(piece)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words if word)


def parameter(name: str, value: str) -> str:
    """A parameter on lines of its own, by RFC 2231 when long or not plain ASCII."""
    text = clean(value)
    if re.fullmatch(r"[\w .+()-]*", text, re.ASCII) and len(text) < _PARAMETER_CHARACTERS:
        return f';\r\n {name}="{text}"'
    pieces = re.findall(r"(?:%..|[^%]){1,16}", quote(text, safe="", errors="replace"))
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{pieces[0]}"
    return "".join(
        f";\r\n {name}*{number}*={'' if number else chr(117) + 'tf-8' + chr(39) * 2}{piece}"
        for number, piece in enumerate(pieces)
    )


def text_part(text: str) -> bytes:
    """A text/plain part in UTF-8, quoted-printable so that every relay lets it through."""
    encoded = quopri.encodestring(_LINE_ENDS.sub("\n", text).encode("utf-8", "replace"))
    return (
        b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        + encoded.replace(b"\n", b"\r\n")
        + b"\r\n"
    )


def attachment_part(attachment: Attachment) -> bytes:
    """An attached file in base64; an attached message as it is, which RFC 2046 §5.2.1 asks for."""
    head = f"Content-Type: {clean(attachment.media_type)}{parameter('name', attachment.name)}\r\n"
    head += f"Content-Disposition: attachment{parameter('filename', attachment.name)}\r\n"
    if attachment.media_type == "message/rfc822":
        return head.encode("ascii") + message_body(attachment.content)
    lines = base64.encodebytes(attachment.content).replace(b"\n", b"\r\n")
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode("ascii") + lines


def message_body(message: bytes) -> bytes:
    """A whole message as the body of a part, its line ends made CRLF."""
    return b"Content-Transfer-Encoding: 8bit\r\n\r\n" + _BARE_LINE_ENDS.sub(b"\r\n", message)


def multipart(kind: str, parts: Sequence[bytes], *, seed: str, parameters: str = "") -> bytes:
    """The Content-Type line and the parts between boundaries that occur in none of them (RFC 2046 §5.1)."""
    boundary = _boundary(parts, seed)
    head = f'Content-Type: multipart/{kind}{parameters};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii")
    marker = f"--{boundary}".encode("ascii")
    return head + b"".join(marker + b"\r\n" + part + b"\r\n" for part in parts) + marker + b"--\r\n"


def _boundary(parts: Sequence[bytes], seed: str) -> str:
    digest = hashlib.sha256(seed.encode("utf-8", "replace"))
    while any(f"=_{digest.hexdigest()[:40]}".encode() in part for part in parts):
        digest.update(b"again")
    return f"=_{digest.hexdigest()[:40]}"

"""How each mail program lays out a reply: where the words stand, how the original is quoted, the subject."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from liaison.core.mail.compose import compose
from liaison.core.mail.values import Address, Mail, OutgoingMail
from liaison.demo.world.values import Doctor, MailStyle

_UNDER = re.compile(r"^(\d{1,2}): (.+)$", re.MULTILINE)
_NUMBER = re.compile(r"> (\d{1,2})\. ")
_PARIS = ZoneInfo("Europe/Paris")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_PREFIXES: dict[MailStyle, str] = {
    "outlook": "RE: ",
    "thunderbird": "Re: ",
    "webmail": "Re: ",
    "phone": "Re: ",
    "plain": "RE : ",
}


def answer_id(original_id: str, address: str) -> str:
    """The Message-ID of the one answer of that address to that message: the same however often it is composed."""
    return f"<{uuid5(NAMESPACE_URL, f'{address}/{original_id}')}@{address.partition('@')[2]}>"


def compose_reply(doctor: Doctor, original: Mail, words: str, *, date: datetime) -> bytes:
    """The reply as the doctor's program sends it. A ``plain`` program forgets the threading, as some do."""
    threaded = doctor.mail_style != "plain"
    mail = OutgoingMail(
        message_id=answer_id(original.message_id, doctor.address),
        sender=Address(doctor.address, f"{doctor.title} {doctor.given} {doctor.family.upper()}"),
        to=original.reply_to or (original.sender,),
        subject=_subject(doctor.mail_style, original.subject),
        body=_body(doctor, original, words),
        date=date,
        in_reply_to=original.message_id if threaded else "",
        references=(*original.references, original.message_id) if threaded else (),
    )
    return compose(mail)


def _body(doctor: Doctor, original: Mail, words: str) -> str:
    if doctor.behaviour == "inline" and _UNDER.match(words):
        return _between(words, original, _signature(doctor))
    return _LAYOUTS[doctor.mail_style](f"{words}\n\n{_signature(doctor)}", original)


def _between(words: str, original: Mail, signature: str) -> str:
    """Each answer under the line it speaks of, in the quotation."""
    said = dict(_UNDER.findall(words))
    when = _when(original)
    lines = [f"Le {when:%d/%m/%Y} à {when:%H:%M}, {_name(original.sender)} a écrit :"]
    for line in _marked(original.body).splitlines():
        lines.append(line)
        number = _NUMBER.match(line)
        if number and number[1] in said:
            lines.append(said[number[1]])
    return "\n".join([*lines, "", signature, ""])


def _subject(style: MailStyle, subject: str) -> str:
    return subject if subject.lower().startswith(("re:", "re :")) else f"{_PREFIXES[style]}{subject}"


def _signature(doctor: Doctor) -> str:
    closing = "Bien confraternellement" if doctor.speciality != "Médecine générale" else "Cordialement"
    return f"{closing},\n{doctor.name}\n{doctor.speciality}, {doctor.city}"


def _outlook(words: str, original: Mail) -> str:
    when = _when(original)
    sent = f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]} {when.year} {when:%H:%M}"
    headers = (
        f"De : {_named(original.sender)}\nEnvoyé : {sent}\nÀ : {_recipients(original)}\nObjet : {original.subject}"
    )
    return f"{words}\n\n________________________________\n{headers}\n\n{original.body}"


def _thunderbird(words: str, original: Mail) -> str:
    """The answer stands under the quotation, as Thunderbird puts it unless told otherwise."""
    wrote = f"Le {_when(original):%d/%m/%Y à %H:%M}, {_name(original.sender)} a écrit :"
    return f"{wrote}\n{_marked(original.body)}\n\n{words}\n"


def _webmail(words: str, original: Mail) -> str:
    when = _when(original)
    sent = f"{_DAYS[when.weekday()].capitalize()} {when.day} {_MONTHS[when.month - 1].capitalize()} {when:%Y %H:%M:%S}"
    headers = f"De: {_named(original.sender)}\nÀ: {_recipients(original)}\nEnvoyé: {sent}\nObjet: {original.subject}"
    return f"{words}\n\n----- Mail original -----\n{headers}\n\n{original.body}"


def _phone(words: str, original: Mail) -> str:
    when = _when(original)
    wrote = f"Le {when.day} {_MONTHS[when.month - 1]} {when.year} à {when:%H:%M}, {_named(original.sender)} a écrit :"
    quoted = _marked(f"{wrote}\n\n{original.body}")
    return f"{words}\n\nEnvoyé de mon iPhone\n\n{quoted}\n"


def _plain(words: str, _original: Mail) -> str:
    return f"{words}\n"


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def _when(original: Mail) -> datetime:
    return (original.date or datetime.fromtimestamp(0, _PARIS)).astimezone(_PARIS)


def _name(address: Address) -> str:
    return address.label or address.email


def _named(address: Address) -> str:
    return f"{address.label} <{address.email}>" if address.label else address.email


def _recipients(original: Mail) -> str:
    return "; ".join(address.email for address in original.to)


_LAYOUTS: dict[MailStyle, Callable[[str, Mail], str]] = {
    "outlook": _outlook,
    "thunderbird": _thunderbird,
    "webmail": _webmail,
    "phone": _phone,
    "plain": _plain,
}

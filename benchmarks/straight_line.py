"""The floor of the intake: the same work in a straight line, with no product around it.

Fetch, file on the disk, MIME, XDM, CDA, PDF text, whose letter it is, rows, French index, one commit a batch. It trusts
every byte: no cap, no check, no journal, no encryption, no screen, one kind of message. Two readers: ``bare`` takes the
quickest parsers there are and eight values of the letter; ``whole`` is Liaison's own reading of everything.

    python -m benchmarks.straight_line HOST PORT USER AUTHORITY SHARE OF FOLDER DATABASE bare|whole|fetch
"""

import hashlib
import imaplib
import io
import json
import os
import re
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import psycopg
from lxml import etree
from psycopg import Cursor
from pypdfium2 import PdfDocument

from benchmarks.intake_dovecot import PASSWORD
from liaison.core.reading import read_message

BATCH = 50
TABLES = """
    CREATE TABLE IF NOT EXISTS person (id bigint PRIMARY KEY, ins text, birth_family text);
    CREATE INDEX IF NOT EXISTS person_ins ON person (ins);
    CREATE TABLE IF NOT EXISTS message (id bigserial PRIMARY KEY, uid bigint, sha text, subject text, body text);
    CREATE TABLE IF NOT EXISTS leaf (message bigint REFERENCES message, path text, sha text, size int);
    CREATE TABLE IF NOT EXISTS document (id bigserial PRIMARY KEY, message bigint REFERENCES message, title text,
        ins text, person bigint REFERENCES person, content jsonb, text text,
        words tsvector GENERATED ALWAYS AS (to_tsvector('french', left(text, 100000))) STORED);
    CREATE INDEX IF NOT EXISTS document_words ON document USING gin (words);
    CREATE INDEX IF NOT EXISTS document_ins ON document (ins);
"""
HL7 = {"h": "urn:hl7-org:v3"}
VALUES = {
    "title": "string(h:title)",
    "ins": "string(h:recordTarget/h:patientRole/h:id[starts-with(@root, '1.2.250.1.213.1.4.')]/@extension)",
    "family": "string(h:recordTarget/h:patientRole/h:patient/h:name/h:family)",
    "given": "string(h:recordTarget/h:patientRole/h:patient/h:name/h:given)",
    "birth": "string(h:recordTarget/h:patientRole/h:patient/h:birthTime/@value)",
    "author": "string(h:author/h:assignedAuthor/h:assignedPerson/h:name/h:family)",
    "start": "string(h:componentOf/h:encompassingEncounter/h:effectiveTime/h:low/@value)",
    "end": "string(h:componentOf/h:encompassingEncounter/h:effectiveTime/h:high/@value)",
}
PATHS = {name: etree.XPath(path, namespaces=HL7) for name, path in VALUES.items()}
NARRATIVES = etree.XPath("//h:section/h:text", namespaces=HL7)
_LITERAL = re.compile(rb"UID (\d+)")


def fetched(host: str, port: int, user: str, authority: str, share: int, of: int) -> Iterator[list[tuple[int, bytes]]]:
    """Every ``of``-th batch of the mailbox, from the one of this share."""
    with imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(cafile=authority)) as client:
        client.login(user, PASSWORD)
        client.select("INBOX", readonly=True)
        uids = client.uid("SEARCH", "ALL")[1][0].split()
        for start in range(share * BATCH, len(uids), of * BATCH):
            batch = b",".join(uids[start : start + BATCH]).decode()
            answer = client.uid("FETCH", batch, "(UID BODY.PEEK[])")[1]
            yield [(int(_LITERAL.search(part[0])[1]), part[1]) for part in answer if isinstance(part, tuple)]  # type: ignore[index]  # the server answers what it is asked


def kept(folder: Path, batch: list[tuple[int, bytes]]) -> list[str]:
    names = []
    for _, raw in batch:
        names.append(hashlib.sha256(raw).hexdigest())
        beside = folder / f".{names[-1]}"
        with beside.open("wb") as file:
            file.write(raw)
            os.fsync(file.fileno())
        beside.rename(folder / names[-1])
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    return names


def read_bare(raw: bytes) -> tuple[str, str, list[tuple[str, bytes]], list[tuple[dict[str, str], str]]]:
    """Subject, body, leaves, and of each letter its values and its text."""
    import fast_mail_parser  # comes with the benchmarks only

    mail = fast_mail_parser.parse_email(raw)
    files = [(each.filename, each.content) for each in mail.attachments]
    with ZipFile(io.BytesIO(files[0][1])) as archive:
        files += [(name, archive.read(name)) for name in archive.namelist()]
    cda = next(content for name, content in files if b"ClinicalDocument" in content[:2000])
    hashlib.sha1(cda).hexdigest()  # noqa: S324 (what METADATA.XML gives)
    etree.fromstring(next(content for name, content in files if name.endswith("METADATA.XML")))
    tree = etree.fromstring(cda)
    values = {name: str(path(tree)) for name, path in PATHS.items()}
    text = "\n".join(" ".join(part.itertext()) for part in NARRATIVES(tree))
    pdf = PdfDocument(next(content for name, content in files if content.startswith(b"%PDF")))
    text += "\n".join(page.get_textpage().get_text_range() for page in pdf)
    return mail.subject, "\n".join(mail.text_plain), files, [(values, text)]


def read_whole(raw: bytes) -> tuple[str, str, list[tuple[str, bytes]], list[tuple[dict[str, str], str]]]:
    reading = read_message(raw)
    letters = []
    for one in reading.documents:
        cda = one.cda
        if cda:
            values = {"title": cda.title, "ins": cda.patient.ins, "lines": "\n".join(map(repr, cda.medications))}
            text = "\n".join([*(section.text for section in cda.sections), one.pdf.text if one.pdf else ""])
            letters.append((values, text))
    return reading.mail.subject, reading.mail.body, [(leaf.path, leaf.content) for leaf in reading.mail.leaves], letters


READERS = {"bare": read_bare, "whole": read_whole}


def written(cursor: "Cursor[tuple[int]]", uid: int, name: str, raw: bytes, reader: str) -> None:
    subject, body, leaves, letters = READERS[reader](raw)
    insert = "INSERT INTO message (uid, sha, subject, body) VALUES (%s, %s, %s, %s) RETURNING id"
    message = (cursor.execute(insert, (uid, name, subject, body)).fetchone() or (0,))[0]
    cursor.executemany(
        "INSERT INTO leaf VALUES (%s, %s, %s, %s)",
        [(message, path, hashlib.sha256(content).hexdigest(), len(content)) for path, content in leaves],
    )
    for values, text in letters:
        person = cursor.execute("SELECT id FROM person WHERE ins = %s", (values["ins"],)).fetchone()
        cursor.execute(
            "INSERT INTO document (message, title, ins, person, content, text) VALUES (%s, %s, %s, %s, %s, %s)",
            (message, values["title"], values["ins"], person and person[0], json.dumps(values), text),
        )


def main(arguments: list[str]) -> None:
    host, port, user, authority, share, of, folder, database, reader = arguments
    batches = fetched(host, int(port), user, authority, int(share), int(of))
    if reader == "fetch":
        for batch in batches:
            Path(folder, "begun").touch()
            sum(len(raw) for _, raw in batch)
        return
    with psycopg.connect(database) as own:
        for batch in batches:
            names = kept(Path(folder), batch)
            with own.cursor() as cursor:
                for (uid, raw), name in zip(batch, names, strict=True):
                    written(cursor, uid, name, raw, reader)
            own.commit()


if __name__ == "__main__":
    main(sys.argv[1:])

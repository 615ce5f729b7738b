"""Messages read per second on one core, stage by stage, beside what a user would otherwise run, in one mixed run.

Each message goes through every reader before the next one comes, so that a passing load weighs on all alike. The clock
is the processor time of the thread: waiting for a turn is not counted, a slower processor is. Medians over messages.
"""

import statistics
import sys
import time
from collections.abc import Iterable
from typing import Any

from benchmarks import machine, peers
from benchmarks.corpus import PdfKind, Sample, make_corpus
from liaison.core.cda.read import read_cda
from liaison.core.mail.message import read_mail
from liaison.core.mail.mime import PartBudget, walk
from liaison.core.notices import Unreadable
from liaison.core.pdf.text import read_pdf
from liaison.core.pdf.values import PdfText
from liaison.core.reading import read_message
from liaison.core.xdm.archive import open_archive
from liaison.core.xdm.metadata import read_metadata

WHOLE = "liaison, tout"
WITHOUT_PDF = "liaison, sans le texte du PDF"
MIME, MAIL, ZIP, METADATA, CDA, PDF = (
    "liaison : MIME",
    "liaison : MIME, en-têtes, zip",
    "liaison : zip",
    "liaison : METADATA.XML",
    "liaison : CDA",
    "liaison : texte du PDF",
)


def mime_leaves(sample: Sample) -> list[bytes]:
    return [part.decoded()[0] for part in walk(sample.raw, "", PartBudget())]


def no_pdf(_: bytes) -> PdfText | Unreadable:
    return PdfText(())


OURS: dict[str, peers.Reader] = {
    MIME: mime_leaves,
    MAIL: lambda sample: read_mail(sample.raw),
    ZIP: lambda sample: open_archive(sample.package),
    METADATA: lambda sample: read_metadata(sample.metadata),
    CDA: lambda sample: read_cda(sample.cda),
    PDF: lambda sample: read_pdf(sample.pdf),
    WITHOUT_PDF: lambda sample: read_message(sample.raw, read_pdf=no_pdf),
    WHOLE: lambda sample: read_message(sample.raw),
}


def measure(messages: int, rounds: int, pdf: PdfKind = "small") -> dict[str, Any]:
    """The figures: milliseconds (medians), messages per second, ratios to ours, and what each peer found."""
    peers.quieten()
    _say(f"Fabrication de {messages} messages…")
    corpus = list(make_corpus(messages, pdf=pdf))
    readers = {**OURS, **peers.FLOORS, **peers.MAIL_PEERS, **peers.CDA_PEERS}
    for reader in readers.values():
        reader(corpus[0])
    _say(f"Lecture par {len(readers)} lecteurs, {rounds} passages…")
    times = _timed(corpus, readers, rounds)
    medians = {name: statistics.median(values) * 1000 for name, values in times.items()}
    return {
        "machine": machine.describe(),
        "corpus": {"pdf": pdf} | _described(corpus),
        "milliseconds": {name: round(value, 3) for name, value in medians.items()},
        "joining_milliseconds": round(
            max(medians[WITHOUT_PDF] - medians[MAIL] - medians[METADATA] - medians[CDA], 0), 3
        ),
        "messages_per_second": {name: round(1000 / medians[name], 1) for name in (WITHOUT_PDF, WHOLE)},
        "mail_peers_to_mime": {name: round(medians[name] / medians[MIME], 2) for name in peers.MAIL_PEERS},
        "cda_peers_to_cda": {name: round(medians[name] / medians[CDA], 2) for name in peers.CDA_PEERS},
        "ccda_to_fhir_finds": peers.what_ccda_reads(corpus[0]),
        "leaves_agree": all(mime_leaves(sample) == peers.stdlib_compat32(sample) for sample in corpus),
    }


def _timed(corpus: Iterable[Sample], readers: dict[str, peers.Reader], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(rounds):
        for sample in corpus:
            for name, reader in readers.items():
                started = time.thread_time()
                reader(sample)
                times[name].append(time.thread_time() - started)
    return times


def _described(corpus: list[Sample]) -> dict[str, Any]:
    def sizes(values: Iterable[bytes]) -> list[int]:
        ordered = sorted(len(value) for value in values)
        return [ordered[0], round(statistics.median(ordered)), ordered[-1]]

    return {
        "messages": len(corpus),
        "message_bytes": sizes(sample.raw for sample in corpus),
        "cda_bytes": sizes(sample.cda for sample in corpus),
        "package_bytes": sizes(sample.package for sample in corpus),
        "pdf_bytes": sizes(sample.pdf for sample in corpus),
    }


def table(measured: dict[str, Any]) -> str:
    """The same figures for a person."""
    told, corpus = measured["machine"], measured["corpus"]
    least, median, most = (round(size / 1000) for size in corpus["message_bytes"])
    finds = measured["ccda_to_fhir_finds"]
    lines = [
        f"{told['processor']}, {told['cores']} cœurs (charge {told['load']}), Python {told['python']}",
        f"{corpus['messages']} messages de {least} à {most} ko, médiane {median} ko. Temps processeur médian :",
        "",
        *(f"  {name:32} {value:9.3f} ms" for name, value in measured["milliseconds"].items()),
        f"  {'liaison : rapprochement':32} {measured['joining_milliseconds']:9.3f} ms",
        "",
        *(f"  {name:32} {value:9.1f} messages/s" for name, value in measured["messages_per_second"].items()),
        "",
        *(f"  {name:32} {value:6.2f} × notre MIME" for name, value in measured["mail_peers_to_mime"].items()),
        *(f"  {name:32} {value:6.2f} × notre lecture du CDA" for name, value in measured["cda_peers_to_cda"].items()),
        "",
        f"ccda-to-fhir trouve {finds['treatments_found']} traitements sur {finds['treatments_there']} "
        f"et {finds['allergies_found']} allergies sur {finds['allergies_there']} dans une lettre LDL-SES.",
        "Nos pièces sont celles de la bibliothèque standard, octet pour octet."
        if measured["leaves_agree"]
        else "ATTENTION : nos pièces ne sont pas celles de la bibliothèque standard.",
    ]
    return "\n".join(lines)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()

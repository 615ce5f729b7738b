"""The « bilan de conciliation »: what was compared, asked, answered and decided, in PDF/A, kept with the record."""

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.treatments import words
from liaison.apps.treatments.models import Decision, DecisionReport, Reconciliation, ReconciliationLine
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Letter, LetterSection, Table

State = Reconciliation.State
TITLE = "Bilan de conciliation médicamenteuse"
_COLUMNS = ("N°", "Avant, à l'EHPAD", "Lettre de l'hôpital", "Statut", "Décision", "Prescripteur et motif")


def do_make_report(reconciliation: Reconciliation) -> DecisionReport | None:
    """Write and keep the report of a reconciliation all decided; None when it is not. Safe to run twice."""
    if reconciliation.state != State.DECIDED:
        return None
    blob = store.put(write_letter(report_letter(reconciliation)))
    with transaction.atomic():
        begin(reconciliation.resident.site)
        held = DecisionReport.objects.filter(reconciliation=reconciliation).first()
        if held:
            return held
        made = DecisionReport.objects.create(reconciliation=reconciliation, blob=blob, made_at=timezone.now())
        record("report_filed", reconciliation, site=reconciliation.resident.site, resident=reconciliation.resident)
    return made


def reports_to_make() -> list[int]:
    """Reconciliations all decided whose report is not written yet."""
    rows = Reconciliation.objects.filter(state=State.DECIDED, report__isnull=True)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:200])


def report_letter(reconciliation: Reconciliation) -> Letter:
    """The words of the report; its date is that of the last decision."""
    resident, site, document = reconciliation.resident, reconciliation.resident.site, reconciliation.document
    lines = list(reconciliation.lines.select_related("current").prefetch_related("decisions__on_answer"))
    decisions = [decision for line in lines for decision in line.decisions.all()]
    last = max(decision.decided_at for decision in decisions)
    names = dict.fromkeys(f"{each.prescriber} (RPPS {each.prescriber_rpps})" for each in decisions)
    about = (
        ("Résident", resident.display_name),
        ("Nom de naissance", resident.birth_family),
        ("Date de naissance", "/".join(reversed(resident.birth_date.split("-")))),
    )
    return Letter(
        title=TITLE,
        sender=(site.name, site.city),
        recipients=("Dossier du résident",),
        date=timezone.localtime(last).date().isoformat(),
        patient=tuple((label, value) for label, value in about if value),
        sections=(
            LetterSection("Les sources", (_sources(reconciliation, document.custodian),)),
            LetterSection("Ligne par ligne", (Table(_COLUMNS, tuple(_row(line) for line in lines)),)),
            *_answers(decisions),
        ),
        signature=("Décidé par", *names),
        place=site.city,
        reference=f"Conciliation {reconciliation.uuid.hex[:8].upper()}",
    )


def _sources(reconciliation: Reconciliation, hospital: str) -> str:
    document = reconciliation.document
    at = timezone.localtime(reconciliation.current_as_of).strftime("%d/%m/%Y à %H:%M")
    day = "/".join(reversed(document.dated[:10].split("-"))) or "date inconnue"
    day = f"{day} ({document.dated_how})" if document.dated_how else day
    written = f"{document.type_label or document.title}{f' de {hospital}' if hospital else ''}, du {day}"
    return f"Traitement en cours à l'EHPAD au {at}.\n{written}."


def _row(line: ReconciliationLine) -> tuple[str, ...]:
    decision = next(iter(line.decisions.all()), None)
    return (
        str(line.number),
        words.held(line),
        words.in_letter(line),
        words.SUGGESTIONS[words.Status(line.status)],
        words.decided(decision) if decision else "",
        _who(decision) if decision else "",
    )


def _who(decision: Decision) -> str:
    at = timezone.localtime(decision.decided_at).strftime("%d/%m/%Y")
    return f"{decision.prescriber}, le {at}{f'. {decision.reason}' if decision.reason else ''}"


def _answers(decisions: list[Decision]) -> tuple[LetterSection, ...]:
    """The doctors' own words on which something was decided."""
    replies = {each.on_answer_id: each.on_answer for each in decisions if each.on_answer}
    said = [
        f"{reply.speaker}, le {timezone.localtime(reply.received_at).strftime('%d/%m/%Y')} "
        f"({reply.get_source_display()}) :\n{reply.text}"
        for reply in replies.values()
    ]
    return (LetterSection("Réponses des médecins", tuple(said)),) if said else ()

"""The answers and notes of ours of which nobody knows whether they left, and what a person says of each."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from liaison.apps.exchanges.doubts import do_confirm_arrival, do_give_again, doubts_of
from liaison.apps.exchanges.models import Answer, Note
from liaison.apps.organisations.access import access_answers, access_notes
from liaison.apps.organisations.models import User
from liaison.web.acts import attempt, back
from liaison.web.requests import PersonRequest


@dataclass(frozen=True, slots=True)
class Doubt:
    """``about`` is the screen of what it speaks of; ``arrived`` and ``again`` are where a person says what it is."""

    mail: Answer | Note
    title: str
    about: str
    about_what: str
    arrived: str
    again: str


def doubts_for(user: User) -> list[Doubt]:
    return [_of_note(mail) if isinstance(mail, Note) else _of_answer(mail) for mail in doubts_of(user)]


def _of_note(note: Note) -> Doubt:
    resident = reverse("resident", args=[note.resident.uuid])
    acts = [reverse(name, args=[note.uuid]) for name in ("note-arrived", "note-again")]
    return Doubt(note, f"Courrier : {note.get_kind_display()}", resident, note.resident.display_name, *acts)


def _of_answer(answer: Answer) -> Doubt:
    message = reverse("message", args=[answer.original.uuid])
    acts = [reverse(name, args=[answer.pk]) for name in ("answer-arrived", "answer-again")]
    return Doubt(answer, f"Réponse : {answer.get_kind_display()}", message, "Le message auquel elle répond", *acts)


@require_POST
def answer_arrived(request: PersonRequest, number: int) -> HttpResponse:
    return _arrived(request, _answer(request, number))


@require_POST
def answer_again(request: PersonRequest, number: int) -> HttpResponse:
    return _again(request, _answer(request, number))


@require_POST
def note_arrived(request: PersonRequest, uuid: UUID) -> HttpResponse:
    return _arrived(request, _note(request, uuid))


@require_POST
def note_again(request: PersonRequest, uuid: UUID) -> HttpResponse:
    return _again(request, _note(request, uuid))


def _arrived(request: PersonRequest, mail: Answer | Note) -> HttpResponse:
    attempt(request, lambda: do_confirm_arrival(mail, user=request.user), "C'est noté : il est bien arrivé.")
    return back(request, "follow-up")


def _again(request: PersonRequest, mail: Answer | Note) -> HttpResponse:
    attempt(request, lambda: do_give_again(mail, user=request.user), "Il est renvoyé, sous le même numéro.")
    return back(request, "follow-up")


def _answer(request: PersonRequest, number: int) -> Answer:
    return get_object_or_404(access_answers(request.user).select_related("original__site"), pk=number)


def _note(request: PersonRequest, uuid: UUID) -> Note:
    return get_object_or_404(access_notes(request.user).select_related("site", "mailbox"), uuid=uuid)

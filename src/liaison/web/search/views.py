"""One field that looks everywhere the person may see."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from liaison.apps.search.actions import do_trace_search
from liaison.apps.search.queries import MOST_FOUND, START, STOP, Found, search
from liaison.web.record.forms import SearchForm
from liaison.web.requests import PersonRequest


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an excerpt; ``found`` when it is a word looked for."""

    text: str
    found: bool


@require_http_methods(["GET", "HEAD", "POST"])
def everywhere(request: PersonRequest) -> HttpResponse:
    """The screen, and its live part for htmx. Posted: no word looked for is ever in an address (law 5)."""
    form = SearchForm(request.POST or None)
    text = form.text() if request.method == "POST" else ""
    found = search(request.user, text)
    if text:
        do_trace_search(found, user=request.user)
    context = {
        "section": "search",
        "form": form,
        "searched": bool(text),
        "found": found,
        "documents": [(hit.row, pieces_of(hit.excerpt)) for hit in found.documents],
        "messages_found": [(hit.row, pieces_of(hit.excerpt)) for hit in found.messages],
        "most": MOST_FOUND,
        "cut": is_cut(found),
    }
    return render(request, "search/found.html" if request.htmx else "search/search.html", context)


def is_cut(found: Found) -> bool:
    """Whether there may be more than what is shown."""
    return MOST_FOUND in {len(found.residents), len(found.near), len(found.documents), len(found.messages)}


def pieces_of(excerpt: str) -> list[Piece]:
    """The excerpt cut at its marks: the template escapes each piece, and marks the words found itself."""
    pieces = []
    for part in excerpt.split(START):
        inside, stop, after = part.partition(STOP)
        pieces += [Piece(inside, found=True), Piece(after, found=False)] if stop else [Piece(part, found=False)]
    return [piece for piece in pieces if piece.text]

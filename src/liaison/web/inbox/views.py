"""The inbox: the messages of the mailboxes the person holds."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from liaison.apps.organisations.access import access_mailboxes, access_messages
from liaison.web.inbox import rows
from liaison.web.inbox.forms import ALL, HANDLINGS, ORDERS, TO_DO, InboxFilter
from liaison.web.inbox.stretch import stretch_of
from liaison.web.inbox.working import keep_list
from liaison.web.pagination import address
from liaison.web.requests import PersonRequest


@require_safe
@vary_on_headers("HX-Request")
def inbox(request: PersonRequest) -> HttpResponse:
    """The whole screen, or for htmx its live part alone: the same template renders both."""
    chosen = InboxFilter(request.GET).chosen()
    after = request.GET.get("apres", "")
    stretch = stretch_of(request.user, chosen, after)
    if not request.htmx:
        keep_list(request, chosen, after)
    mailboxes = rows.mailbox_lines(access_mailboxes(request.user))
    context = {
        "section": "inbox",
        "rows": rows.rows_of(access_messages(request.user), stretch.numbers),
        "stretch": stretch,
        "is_first": not after,
        "mailboxes": mailboxes,
        "several_mailboxes": len(mailboxes) > 1,
        "shows_both": chosen["voir"] == ALL,
        "nothing_to_do": chosen["voir"] == TO_DO,
        "filters": _filters(request, chosen, mailboxes),
        "newest": address(request, apres=""),
        "next": address(request, apres=stretch.then),
    }
    return render(request, "inbox/live.html" if request.htmx else "inbox/inbox.html", context)


def _filters(
    request: PersonRequest, chosen: dict[str, str], mailboxes: list[rows.MailboxLine]
) -> list[dict[str, object]]:
    """The pills of each filter, as links that change one parameter and keep the others."""
    boxes = [("", "Toutes"), *((str(line.mailbox.uuid), line.mailbox.label) for line in mailboxes)]
    groups = [("voir", "Messages", list(HANDLINGS)), ("bal", "Boîte", boxes), ("ordre", "Ordre", list(ORDERS))]
    return [
        {
            "name": title,
            "pills": [
                {
                    "id": f"{name}-{value or ALL}",
                    "label": label,
                    "href": address(request, apres="", **{name: value}),
                    "current": chosen[name] == value,
                }
                for value, label in values
            ],
        }
        for name, title, values in groups
        if len(values) > 1 + (name == "bal") and (name != "ordre" or chosen["voir"] == ALL)
    ]

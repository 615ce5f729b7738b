"""Settling an address, calling, writing elsewhere or on paper; and the rules of a site's reminders."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.apps.blobs import store
from liaison.apps.directory.models import ProfessionalAddress
from liaison.apps.exchanges.holding import do_settle_address
from liaison.apps.exchanges.models import Call, FollowUpRules, Recipient
from liaison.apps.exchanges.other_ways import do_record_call, do_send_elsewhere, do_write_letter
from liaison.apps.exchanges.printed import do_note_posted
from liaison.apps.exchanges.reminders import RULES_ROLES, do_set_rules, may_set_rules, rules_of
from liaison.apps.intake.actions import do_trace_view
from liaison.apps.organisations.access import CARE_ROLES, access_recipients, sites_of
from liaison.apps.organisations.models import Site
from liaison.web.acts import attempt
from liaison.web.follow_up.forms import CallForm, RulesForm
from liaison.web.requests import PersonRequest


@require_POST
def settle(request: PersonRequest, uuid: UUID) -> HttpResponse:
    recipient = _recipient(request, uuid)
    attempt(request, lambda: do_settle_address(recipient, user=request.user), "Adresse confirmée : le message part.")
    return redirect("transmission", recipient.transmission.uuid)


@require_POST
def call(request: PersonRequest, uuid: UUID) -> HttpResponse:
    recipient, form = _recipient(request, uuid), CallForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        attempt(
            request,
            lambda: do_record_call(
                recipient,
                user=request.user,
                outcome=Call.Outcome(said["issue"]),
                spoke_to=said["interlocuteur"],
                words=said["mots"],
            ),
            "Appel noté.",
        )
    else:
        messages.error(request, "Dites l'issue de l'appel.")
    return redirect("transmission", recipient.transmission.uuid)


@require_POST
def elsewhere(request: PersonRequest, uuid: UUID) -> HttpResponse:
    recipient = _recipient(request, uuid)
    number = request.POST.get("adresse", "")
    rows = ProfessionalAddress.objects.select_related("professional")
    address = rows.filter(pk=int(number)).first() if number.isdecimal() else None
    if address is None:
        messages.error(request, "Choisissez une adresse.")
    else:
        professional, email = address.professional, address.email
        attempt(
            request,
            lambda: do_send_elsewhere(recipient, user=request.user, professional=professional, address=email),
            "La même lettre part à cette autre adresse.",
        )
    return redirect("transmission", recipient.transmission.uuid)


@require_POST
def letter(request: PersonRequest, uuid: UUID) -> HttpResponse:
    recipient = _recipient(request, uuid)
    attempt(
        request,
        lambda: do_write_letter(recipient, user=request.user),
        "La lettre est prête : imprimez-la, postez-la, puis dites-le ici.",
    )
    return redirect("transmission", recipient.transmission.uuid)


@require_safe
def letter_pdf(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The printed letter of one addressee; a message of ours is no letter."""
    recipient = _recipient(request, uuid)
    if recipient.channel != Recipient.Channel.LETTER:
        raise Http404
    transmission = recipient.transmission
    do_trace_view(transmission, user=request.user, site=transmission.site, resident=transmission.resident)
    response = HttpResponse(store.get(recipient.blob), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="lettre-{recipient.uuid.hex[:8]}.pdf"'
    return response


@require_POST
def posted(request: PersonRequest, uuid: UUID) -> HttpResponse:
    recipient = _recipient(request, uuid)
    attempt(request, lambda: do_note_posted(recipient, user=request.user), "C'est noté : la lettre est postée.")
    return redirect("transmission", recipient.transmission.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: PersonRequest) -> HttpResponse:
    """The rules of each site the person works at, to be read by all, changed by those who may."""
    sites = list(sites_of(request.user, (*CARE_ROLES, *RULES_ROLES)).order_by("name"))
    if request.method == "POST":
        site = get_object_or_404(sites_of(request.user, RULES_ROLES), uuid=_uuid(request.POST.get("site", "")))
        form = RulesForm(request.POST)
        if form.is_valid():
            attempt(
                request,
                lambda: do_set_rules(site, user=request.user, rules=form.rules()),
                f"Les relances de {site.name} sont réglées.",
            )
        else:
            messages.error(request, "Un des nombres n'est pas possible.")
        return redirect("follow-up-rules")
    context = {"section": "follow-up", "rows": [_rules_row(request, site) for site in sites]}
    return render(request, "follow_up/rules.html", context)


def _rules_row(request: PersonRequest, site: Site) -> dict[str, object]:
    chosen = rules_of(site)
    initial = {name: getattr(chosen, name) for name in RulesForm.base_fields}
    return {
        "site": site,
        "form": RulesForm(initial=initial, auto_id=f"%s-{site.pk}"),
        "may_set": may_set_rules(request.user, site),
        "last": FollowUpRules.objects.filter(site=site).select_related("changed_by").first(),
    }


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _recipient(request: PersonRequest, uuid: UUID) -> Recipient:
    related = ("transmission__site", "transmission__resident", "professional")
    return get_object_or_404(access_recipients(request.user).select_related(*related), uuid=uuid)

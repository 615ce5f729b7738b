"""Preparing the lines of a reconciliation: by the secretary or the coordinating doctor, before the decision."""

from uuid import UUID

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from liaison.apps.organisations.access import access_reconciliations
from liaison.apps.treatments.models import Discrepancy, DiscrepancyType, Gravity, ReconciliationLine, Resolution
from liaison.apps.treatments.preparation import Preparation, do_prepare_lines
from liaison.web.acts import attempt
from liaison.web.requests import PersonRequest

FORM = "preparer"


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    widget = forms.Select({"class": "form-select", "form": FORM})
    return forms.ChoiceField(label=label, choices=[("", "—"), *choices], required=False, widget=widget)


class PreparationForm(forms.Form):
    """What is said of one line; every field may stay empty."""

    divergence = _choice("Divergence", Discrepancy.choices)
    type = _choice("Type", DiscrepancyType.choices)
    gravite = _choice("Gravité", Gravity.choices)
    resolution = _choice("Résolution", Resolution.choices)
    remarque = forms.CharField(
        label="Remarque",
        max_length=500,
        required=False,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off", "form": FORM}),
    )

    def __init__(self, line: ReconciliationLine, data: QueryDict | None = None) -> None:
        initial = {
            "divergence": line.discrepancy,
            "type": line.discrepancy_type,
            "gravite": line.gravity,
            "resolution": line.resolution,
            "remarque": line.remark,
        }
        super().__init__(data, initial=initial, prefix=f"preparation-{line.number}")
        self.line = line

    def said(self) -> Preparation:
        given = self.cleaned_data
        return Preparation(
            self.line.number,
            given["divergence"],
            given["type"],
            given["gravite"],
            given["resolution"],
            given["remarque"],
        )


@require_POST
def prepare(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(access_reconciliations(request.user).select_related("resident__site"), uuid=uuid)
    given = [PreparationForm(line, request.POST) for line in found.lines.all()]
    if all(form.is_valid() for form in given):
        attempt(
            request,
            lambda: do_prepare_lines(found, user=request.user, said=[form.said() for form in given]),
            "Préparation enregistrée. Rien n'est décidé : un médecin décide.",
        )
    return redirect("reconciliation", uuid)

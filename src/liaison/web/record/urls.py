"""Documents, residents, and what their record holds."""

from django.urls import path

from liaison.web.record import (
    document_acts,
    document_views,
    fact_views,
    hand_over_views,
    identity_views,
    merge_views,
    rereading_views,
    resident_views,
)

urlpatterns = [
    path("documents/<uuid:uuid>/", document_views.document, name="document"),
    path("documents/<uuid:uuid>/candidats/", document_views.search, name="document-search"),
    path("documents/<uuid:uuid>/pages/<int:number>.png", document_views.page, name="document-page"),
    path("documents/<uuid:uuid>/original.pdf", document_views.pdf, name="document-pdf"),
    path("documents/<uuid:uuid>/integrer/", document_acts.file, name="document-file"),
    path("documents/<uuid:uuid>/ecarter/", document_acts.set_aside, name="document-set-aside"),
    path("documents/<uuid:uuid>/renvoyer/", document_acts.send_back, name="document-send-back"),
    path("documents/<uuid:uuid>/reprendre/", document_acts.take_up_again, name="document-take-up"),
    path("documents/<uuid:uuid>/retirer/", document_acts.unfile, name="document-unfile"),
    path("documents/<uuid:uuid>/annulation/accepter/", document_acts.accept_cancellation, name="cancellation-accept"),
    path("documents/<uuid:uuid>/annulation/refuser/", document_acts.refuse_cancellation, name="cancellation-refuse"),
    path("documents/<uuid:uuid>/remettre/", hand_over_views.hand_over, name="document-hand-over"),
    path("documents/<uuid:uuid>/prevenir/", document_acts.tell, name="document-tell"),
    path("documents/<uuid:uuid>/demander/", document_acts.ask_for_missing, name="document-ask"),
    path("documents/<uuid:uuid>/lu/<int:number>/retenir/", fact_views.confirm, name="fact-confirm"),
    path("documents/<uuid:uuid>/lu/<int:number>/ecarter/", fact_views.dismiss, name="fact-dismiss"),
    path("documents/<uuid:uuid>/lectures/<int:number>/prendre/", rereading_views.take, name="document-take-reading"),
    path("documents/<uuid:uuid>/lectures/<int:number>/ecarter/", rereading_views.keep, name="document-keep-reading"),
    path("residents/", resident_views.residents, name="residents"),
    path("residents/nouveau/", identity_views.take_in, name="resident-new"),
    path("residents/<uuid:uuid>/", resident_views.resident, name="resident"),
    path("residents/<uuid:uuid>/identite/", identity_views.correct, name="resident-identity"),
    path("residents/<uuid:uuid>/fusionner/", merge_views.merge, name="resident-merge"),
    path("residents/<uuid:uuid>/fusionner/confirmer/", merge_views.confirm, name="resident-merge-confirm"),
    path("residents/<uuid:uuid>/fusions/<int:number>/annuler/", merge_views.undo, name="merge-undo"),
    path(
        "residents/<uuid:uuid>/allergies/<int:number>/confirmer/",
        resident_views.confirm_allergy,
        name="allergy-confirm",
    ),
    path("residents/<uuid:uuid>/allergies/<int:number>/ecarter/", resident_views.refuse_allergy, name="allergy-refuse"),
]

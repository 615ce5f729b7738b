"""Phrases, headings and tables that nobody looked at the reading of: what the figures for unseen letters rest on."""

from benchmarks.treatments.phrases import Phrases, pairs_of, posologies_of, rows_of

UNSEEN = Phrases(
    posologies=posologies_of("""
# tablet
1 comprimé au lever => 1 comprimé | m1 | |
1cp le mat. => 1cp | | |
1 cp 1 fois/jour => 1 cp | | 1 fois/jour |
1 cp le midi => 1 cp | d1 | |
1 comprimé, 1 fois par jour, le matin => 1 comprimé | m1 | 1 fois par jour |
1 -0 -0 => | m1 d0 s0 | |
demi comprimé le matin => demi comprimé | m1/2 | |
1,5 comprimé le matin => 1,5 comprimé | m1.5 | |
un comprimé à prendre chaque jour => un comprimé | | chaque jour |
matin : 1 cp => 1 cp | m1 | |
# sachet
1 sachet-dose le midi => | d1 | |
1 sachet le matin et 1 le soir => 1 sachet | m1 s1 | |
# twice
1 cp toutes les 12h => 1 cp | | toutes les 12h |
1 comprimé le matin, 1 comprimé le soir => 1 comprimé | m1 s1 | |
2 fois par jour (matin-soir) => | | 2 fois par jour |
1 cp (8h) + 1 cp (20h) => 1 cp | m1 s1 | |
1 0 1 => | m1 d0 s1 | |
un comprimé deux fois par jour => un comprimé | | deux fois par jour |
# thrice
1 cp à chaque repas => 1 cp | m1 d1 s1 | |
1 cp (8h-12h-18h) => | | |
1 comprimé matin-midi-soir => 1 comprimé | m1 d1 s1 | |
3/j => | | 3/j |
# evening
1 cp avant le dîner => 1 cp | s1 | |
1 comprimé chaque soir => 1 comprimé | s1 | |
0 - 0 - 1 - 0 => | m0 d0 s1 c0 | |
# bedtime
1 comprimé le soir à 22 heures => | | |
1 cp vers 21h => 1 cp | c1 | |
un demi comprimé au coucher => un demi comprimé | c1/2 | |
# needed
1 g x 4/jour maximum si douleurs => | | | sb
jusqu'à 4 fois par jour si besoin => | | | sb
1 unidose en cas de crise douloureuse => 1 unidose | | | sb
# syringe
1 injection S/C quotidienne à 18h => 1 injection | s1 | quotidienne | v:sous-cutanée
1 seringue en sous-cutané par jour pendant 10 jours => 1 seringue | | par jour | v:sous-cutanée;d:10 jours
# insulin
20 unités au coucher => 20 unités | c20 unites | |
soir : 14 UI => 14 UI | s14 ui | |
# drops
5 gttes matin et 10 gttes soir => | m5 gttes s10 gttes | |
3 gouttes à 20h => 3 gouttes | s3 gouttes | |
# puffs
1 inhalation matin et soir => 1 inhalation | m1 s1 | | v:inhalée
# course
1 cp matin midi et soir, 5 jours => 1 cp | m1 d1 s1 | | d:5 jours
2 cp/j jusqu'au 30 novembre 2026 puis arrêt => 2 cp | | /j | f:2026-11-30
# eye2
1 goutte le soir œil gauche => 1 goutte | s1 goutte | |
# weekly
1 injection par semaine => 1 injection | | par semaine |
4 cp en une prise le mercredi => 4 cp | | le mercredi |
# patch
1 patch à renouveler tous les 3 jours => 1 patch | | tous les 3 jours | v:transdermique
# patch24
1 patch le matin à retirer le soir => | | | v:transdermique
"""),
    discharge=rows_of("""
Traitement de sortie du 10/11/2026
ORDONNANCE DE SORTIE (copie)
Le traitement actuel à la sortie est :
Médicaments prescrits à la sortie
III. Traitement de sortie
Prescription de sortie :
"""),
    stopped=rows_of("""
Médicaments arrêtés et motifs
Traitements stoppés :
Arrêt des traitements suivants :
TRAITEMENTS NON POURSUIVIS
"""),
    admission=rows_of("""
Traitements à l'entrée
Traitement habituel à domicile :
TRAITEMENT AVANT L'HOSPITALISATION
Médicaments à l'admission :
Traitement de l'EHPAD à l'entrée
"""),
    other=pairs_of("""
Motif d'admission :: Dyspnée fébrile.
Antécédents médico-chirurgicaux :: Cardiopathie ischémique, cholécystectomie en 1998.
Examens biologiques de sortie :: Na 138, potassium 3,9, calcium corrigé 2,35, Hb 10,4 g/dl.
Évaluation gériatrique :: MMSE 18/30, appui monopodal impossible.
Allergies connues :: {allergen} (éruption)
Recommandations :: Surveillance du poids deux fois par semaine, bas de contention.
"""),
    stop_sentences=rows_of("""
Le {drug} est stoppé ce jour pour {reason}.
On arrête le {drug} à cause d'une {reason}.
Le traitement par {drug} n'a pas été poursuivi.
Nous suspendons le {drug} ({reason}).
"""),
    start_sentences=rows_of("""
Introduction d'un traitement par {drug}, {posology}.
Nous avons débuté le {drug} ({posology}).
On ajoute {drug} {posology}.
"""),
    admission_leads=rows_of("""
Son traitement habituel comprend {list}.
À l'admission, elle prenait {list}.
"""),
    discharge_leads=rows_of("""
À sa sortie, elle est traitée par {list}.
Traitement de sortie : {list}.
"""),
    noise=rows_of("""
Pas de traitement par {drug} auparavant.
Un essai de {drug} pourra être discuté par le médecin traitant.
Allergie rapportée à la {allergen}.
Antibiothérapie par {antibiotic} du 03/11 au 08/11.
Le frère de la patiente est sous {drug}.
"""),
    stop_items=rows_of("""
{drug} : stoppé ({reason})
{drug} car {reason}
{drug} en raison d'une {reason}
{drug} = {reason}
"""),
    closings=rows_of("""
Avec mes salutations confraternelles.
Dr Paul ROUX, praticien hospitalier
"""),
    columns=(
        ("Médicament prescrit", "Comment le prendre", "Pourquoi"),
        ("DCI (nom commercial)", "Voie", "Schéma de prise", "Remarques"),
        ("Médicament", "Matin", "Midi", "Soir", "Nuit"),
    ),
    stop_reasons=rows_of("""
bradycardie symptomatique
sédation
diarrhée
INR instable
dénutrition sévère
"""),
)

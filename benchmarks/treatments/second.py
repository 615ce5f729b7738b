"""Phrases looked at once they had been read unseen: see docs/benchmarks/medication.md."""

from benchmarks.treatments.phrases import Phrases, pairs_of, posologies_of, rows_of

SECOND = Phrases(
    posologies=posologies_of("""
# tablet
Matin : 1 comprimé => 1 comprimé | m1 | |
1 prise/j, au petit déjeuner => 1 prise | m1 | /j |
1 comprimé chaque matin => 1 comprimé | m1 | |
1 cpr / jour => 1 cpr | | / jour |
prendre 1 comprimé tous les matins => 1 comprimé | m1 | |
un demi-comprimé par jour => un demi-comprimé | | par jour |
1 cp à 8h => 1 cp | m1 | |
1 comp. au déjeuner => 1 comp | d1 | |
1 cp 1 jour/2 => 1 cp | | 1 jour/2 |
1 cp quotidien => 1 cp | | quotidien |
0,5 - 0 - 0 => | m0,5 d0 s0 | |
2 comprimés le matin au réveil => 2 comprimés | m2 | |
# sachet
un sachet dans un verre d'eau le matin => un sachet | m1 | |
1 sachet deux fois par jour => 1 sachet | | deux fois par jour |
1 à 3 sachets/jour selon transit => 1 à 3 sachets | | /jour |
# twice
1 comprimé matin & soir => 1 comprimé | m1 s1 | |
1 cp à 8h et 20h => 1 cp | m1 s1 | |
1 / 0 / 1 => | m1 d0 s1 | |
1 gel. 2x/jour => 1 gel | | 2x/jour |
Matin 1 Soir 1 => 1 | m1 s1 | |
deux comprimés par jour en deux prises => deux comprimés | | par jour en deux prises |
1 cp bid, matin et soir => 1 cp | m1 s1 | |
1 comprimé au petit déjeuner et 1 comprimé au dîner => 1 comprimé | m1 s1 | |
# thrice
1 cp 3x par jour aux repas => | | |
1 comprimé trois fois par jour => 1 comprimé | | trois fois par jour |
M : 1 - Mi : 1 - S : 1 => | m1 d1 s1 | |
1 cp avant chaque repas => 1 cp | m1 d1 s1 | |
# evening
le soir : 1 comprimé => 1 comprimé | s1 | |
1 prise vespérale => 1 prise | s1 | |
1 comprimé au dîner => 1 comprimé | s1 | |
1 cp à 20 h => 1 cp | s1 | |
# bedtime
Coucher : 1 => | c1 | |
1 cp à 22h => 1 cp | c1 | |
un comprimé au moment du coucher => un comprimé | c1 | |
1/4 de comprimé au coucher => | c1/4 | |
# fasting
1 comprimé au réveil, à jeun => 1 comprimé | m1 | |
le matin à jeun, 1 comprimé => 1 comprimé | m1 | |
# needed
à la demande, sans dépasser 3 par jour => | | | sb
1 prise si nécessaire, à renouveler 4 h après => 1 prise | | | sb
uniquement si EVA > 4 : 1 cp => | | | sb
1 comprimé au besoin toutes les 4 à 6 heures => 1 comprimé | | toutes les 4 à 6 heures | sb
# vka
dose actuelle 1/2 comprimé au dîner => 1/2 comprimé | s1/2 | |
1/4 cp/j, adaptation selon INR => 1/4 cp | | /j |
# syringe
une injection sous cutanée quotidienne => une injection | | quotidienne | v:sous-cutanée
1 inj. S.C. / 24 h => 1 inj | | / 24 h | v:sous-cutanée
# insulin
16 u le soir => 16 u | s16 u | |
le matin 22 UI => 22 UI | m22 ui | |
8 UI matin et 10 UI soir => | m8 ui s10 ui | |
# insulin3
5 UI avant chaque repas => 5 UI | m5 ui d5 ui s5 ui | |
matin 6 UI - midi 6 UI - soir 4 UI => | m6 ui d6 ui s4 ui | |
# patch
un patch à changer toutes les 72 heures => un patch | | toutes les 72 heures | v:transdermique
# patch24
1 patch/24h => 1 patch | | /24h | v:transdermique
un dispositif transdermique chaque jour => un dispositif transdermique | | chaque jour | v:transdermique
# drops
15 gouttes en cas d'agitation => 15 gouttes | | | sb
matin 5 gouttes, soir 10 gouttes => | m5 gouttes s10 gouttes | |
# inhaled
1 bouffée à la demande => 1 bouffée | | | sb;v:inhalée
2 bouff si gêne respiratoire => 2 bouff | | | sb;v:inhalée
# puffs
deux bouffées matin et soir => deux bouffées | m2 bouffees s2 bouffees | | v:inhalée
# ampoule
une ampoule buvable tous les deux mois => une ampoule | | tous les deux mois | v:orale
1 amp. / trimestre => 1 amp | | |
# course
1 cp 2 fois/j durant encore 4 jours => 1 cp | | 2 fois/j | d:4 jours
2 cp le matin jusqu'au 3 décembre 2026 inclus => 2 cp | m2 | | f:2026-12-03
# eye2
1 gtte x 2/j ODG => 1 gtte | | x 2/j | v:ophtalmique
# weekly
1 injection tous les lundis => 1 injection | | tous les lundis |
1 prise hebdomadaire => 1 prise | | hebdomadaire |
1 cp chaque dimanche matin => 1 cp | | |
"""),
    discharge=rows_of("""
Prescriptions de sortie
Médicaments à poursuivre au retour en EHPAD :
5. Traitement à poursuivre
Thérapeutique de sortie :
Traitement préconisé pour le retour :
Conciliation de sortie - traitements poursuivis
"""),
    stopped=rows_of("""
Médicaments non reconduits :
Traitements suspendus au cours du séjour :
Thérapeutiques interrompues
Ont été arrêtés :
Traitements supprimés (déprescription)
"""),
    admission=rows_of("""
Thérapeutique à l'admission
Médicaments pris à domicile :
TTT AU LONG COURS
Traitement en cours à l'arrivée :
Traitement usuel
"""),
    other=pairs_of("""
RAISON DE LA VENUE :: Malaise sans perte de connaissance.
ATCD médicaux : :: Diabète de type 2, BPCO, AVC sylvien gauche (2019).
Sur le plan cardiologique :: FEVG 45 %, pas de valvulopathie significative.
Autonomie :: ADL 3/6, aide pour la toilette.
Examens complémentaires :: Scanner cérébral sans lésion récente. Natrémie 131 mmol/l, calcium 2,3 mmol/l.
Effets indésirables médicamenteux connus :: {allergen} : rash
Au total :: AEG sur infection urinaire, retour dans l'établissement ce jour.
"""),
    stop_sentences=rows_of("""
Il a été décidé de stopper le {drug} compte tenu d'une {reason}.
Devant une {reason}, le {drug} est suspendu.
Le {drug} n'a pas été reconduit ({reason}).
Déprescription du {drug}.
On note l'arrêt définitif du {drug} suite à une {reason}.
"""),
    start_sentences=rows_of("""
Ajout de {drug} ({posology}).
Nous débutons un traitement par {drug} à la posologie de {posology}.
{drug} {posology} a été mis en place.
Instauration d'un traitement par {drug}, {posology}.
"""),
    admission_leads=rows_of("""
Avant l'hospitalisation, il était traité par {list}.
Monsieur était déjà sous {list}.
"""),
    discharge_leads=rows_of("""
Retour en EHPAD avec le traitement suivant : {list}.
Le patient quitte le service sous {list}.
"""),
    noise=rows_of("""
Il n'a jamais pris de {drug}.
Un traitement par {drug} pourra être envisagé à distance.
Intolérance connue aux {allergen}.
Son épouse prend du {drug}.
Traité aux urgences par {antibiotic} IV, relais non nécessaire.
Contre-indication au {drug}.
"""),
    stop_items=rows_of("""
{drug} → STOP ({reason})
Arrêt de {drug} : {reason}
{drug} : arrêt définitif, {reason}
{drug} - motif : {reason}
"""),
    closings=rows_of("""
Veuillez agréer, cher confrère, l'expression de mes salutations distinguées.
Avec mes remerciements pour votre confiance.
"""),
    columns=(
        ("Nom du médicament", "Petit-déj.", "Midi", "Dîner", "Nuit"),
        ("Produit", "Prise", "Voie", "Indication"),
        ("Dénomination", "Mode d'administration", "Jusqu'au", "Observations"),
    ),
    stop_reasons=rows_of("""
kaliémie à 5,9
somnolence excessive
intolérance digestive
cytolyse hépatique
absence d'indication
"""),
)

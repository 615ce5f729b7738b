"""How doctors write it: posologies, headings, sentences. The phrases of this file were looked at while the
reader was written (those of second.py after a first measure of them unseen); those of unseen.py never were.

A posology is ``words => dose | moments | rhythm | extras``: moments as ``m1 s1`` (m matin, d midi, s soir, c coucher),
extras among ``sb`` (as needed), ``v:route``, ``d:duration``, ``f:end``, ``a:start``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posology:
    words: str
    dose: str
    moments: str
    rhythm: str
    extras: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    posologies: dict[str, tuple[Posology, ...]]
    discharge: tuple[str, ...]
    stopped: tuple[str, ...]
    admission: tuple[str, ...]
    other: tuple[tuple[str, str], ...]
    stop_sentences: tuple[str, ...]
    start_sentences: tuple[str, ...]
    admission_leads: tuple[str, ...]
    discharge_leads: tuple[str, ...]
    noise: tuple[str, ...]
    stop_items: tuple[str, ...]
    closings: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    stop_reasons: tuple[str, ...]


def posologies_of(table: str) -> dict[str, tuple[Posology, ...]]:
    found: dict[str, list[Posology]] = {}
    form = ""
    for row in filter(None, (row.strip() for row in table.splitlines())):
        if row.startswith("#"):
            form = row.strip("# ")
            continue
        words, _, truth = row.partition("=>")
        dose, moments, rhythm, extras = (part.strip() for part in truth.split("|"))
        found.setdefault(form, []).append(
            Posology(words.strip(), dose, moments, rhythm, tuple(extras.split(";")) if extras else ())
        )
    return {form: tuple(rows) for form, rows in found.items()}


def rows_of(text: str) -> tuple[str, ...]:
    return tuple(row.strip() for row in text.strip().splitlines())


def pairs_of(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((title.strip(), words.strip()) for title, _, words in (row.partition("::") for row in rows_of(text)))


USUAL = Phrases(
    posologies=posologies_of("""
# tablet
1 cp le matin => 1 cp | m1 | |
1cp/j => 1cp | | /j |
1-0-0 => | m1 d0 s0 | |
1 comprimé le matin => 1 comprimé | m1 | |
1 cp par jour => 1 cp | | par jour |
1 comprimé à midi => 1 comprimé | d1 | |
1 cp x 1/j => 1 cp | | x 1/j |
un comprimé par jour => un comprimé | | par jour |
1/2 cp le matin => 1/2 cp | m1/2 | |
1 cp matin => 1 cp | m1 | |
½ comprimé le matin => ½ comprimé | m1/2 | |
2 cp le matin, 1 cp le midi => 2 cp | m2 d1 | |
1 cp un jour sur deux => 1 cp | | un jour sur deux |
1 cp/j le matin pendant 10 jours => 1 cp | m1 | /j | d:10 jours
# sachet
1 sachet à midi => 1 sachet | d1 | |
1 sachet/j => 1 sachet | | /j |
1 sachet le midi => 1 sachet | d1 | |
0-1-0 => | m0 d1 s0 | |
1 sach. matin et soir => 1 sach | m1 s1 | |
2 sachets par jour si besoin => 2 sachets | | par jour | sb
# twice
1cp x2/j => 1cp | | x2/j |
1 cp matin et soir => 1 cp | m1 s1 | |
1-0-1 => | m1 d0 s1 | |
1 comprimé 2 fois par jour => 1 comprimé | | 2 fois par jour |
1 gélule matin et soir => 1 gélule | m1 s1 | |
1 cp le matin et 1 cp le soir => 1 cp | m1 s1 | |
1 matin, 1 soir => 1 | m1 s1 | |
2 cp/j (1 matin, 1 soir) => 2 cp | m1 s1 | /j |
1 cp toutes les 12 heures => 1 cp | | toutes les 12 heures |
1-0-1-0 => | m1 d0 s1 c0 | |
# thrice
1 cp x3/j => 1 cp | | x3/j |
1-1-1 => | m1 d1 s1 | |
1 cp matin, midi et soir => 1 cp | m1 d1 s1 | |
1 gél 3 fois/jour => 1 gél | | 3 fois/jour |
1 cp aux 3 repas => 1 cp | m1 d1 s1 | |
# evening
1 cp le soir => 1 cp | s1 | |
0-0-1 => | m0 d0 s1 | |
1 comprimé le soir => 1 comprimé | s1 | |
1 gélule le soir => 1 gélule | s1 | |
1 cp/soir => 1 cp | s1 | |
1 cp tous les soirs => 1 cp | s1 | |
# bedtime
1 cp au coucher => 1 cp | c1 | |
0-0-0-1 => | m0 d0 s0 c1 | |
1/2 cp au coucher => 1/2 cp | c1/2 | |
1 cp le soir au coucher => 1 cp | | |
1 cp au coucher si insomnie => 1 cp | c1 | | sb
1 cp la nuit => 1 cp | c1 | |
# fasting
1 cp le matin à jeun => 1 cp | m1 | |
1-0-0 à jeun => | m1 d0 s0 | |
1 cp/j à jeun => 1 cp | | /j |
# needed
si douleur, max 3/j => | | | sb
1 cp toutes les 6 h si douleur => 1 cp | | toutes les 6 h | sb
1 cp x 3/j si besoin => 1 cp | | x 3/j | sb
1 cp si besoin => 1 cp | | | sb
1 à 2 cp si besoin => 1 à 2 cp | | | sb
1-1-1 si besoin => | m1 d1 s1 | | sb
1 gélule toutes les 8 heures en cas de douleur => 1 gélule | | toutes les 8 heures | sb
# vka
1/2 cp le soir selon INR => 1/2 cp | s1/2 | selon INR |
¾ cp le soir => ¾ cp | s3/4 | |
¼ de cp le soir, INR cible 2-3 => | s1/4 | |
1 cp le soir (INR cible entre 2 et 3) => 1 cp | s1 | |
# syringe
1 injection SC par jour => 1 injection | | par jour | v:sous-cutanée
1 inj s/c le soir => 1 inj | s1 | | v:sous-cutanée
1 injection sous-cutanée par jour jusqu'au 12/12/2026 => 1 injection | | par jour | v:sous-cutanée;f:2026-12-12
# insulin
12 UI le soir => 12 UI | s12 ui | |
18 UI SC au coucher => 18 UI | c18 ui | | v:sous-cutanée
10 UI le matin => 10 UI | m10 ui | |
14 unités le soir => 14 unités | s14 unites | |
# insulin3
6 UI matin, 8 UI midi, 6 UI soir => | m6 ui d8 ui s6 ui | |
4-6-4 UI => | m4 ui d6 ui s4 ui | |
# patch
1 patch toutes les 72 h => 1 patch | | toutes les 72 h | v:transdermique
1 patch /72h => 1 patch | | /72h | v:transdermique
1 patch tous les 3 jours => 1 patch | | tous les 3 jours | v:transdermique
# patch24
1 patch par jour => 1 patch | | par jour | v:transdermique
# drops
5 gouttes le soir => 5 gouttes | s5 gouttes | |
10 gouttes si agitation => 10 gouttes | | | sb
5 gouttes matin et soir => 5 gouttes | m5 gouttes s5 gouttes | |
# inhaled
2 bouffées si besoin => 2 bouffées | | | sb;v:inhalée
2 bouffées si dyspnée => 2 bouffées | | | sb;v:inhalée
# puffs
1 bouffée matin et soir => 1 bouffée | m1 bouffee s1 bouffee | | v:inhalée
2 bouffées x2/j => 2 bouffées | | x2/j | v:inhalée
# inhaledday
1 inhalation par jour => 1 inhalation | | par jour | v:inhalée
1 gélule inhalée le matin => 1 gélule | m1 | | v:inhalée
# ampoule
1 ampoule par mois => 1 ampoule | | par mois |
1 ampoule tous les 3 mois => 1 ampoule | | tous les 3 mois |
1 ampoule tous les 15 jours => 1 ampoule | | tous les 15 jours |
# course
1 cp x 3/j pendant 7 jours => 1 cp | | x 3/j | d:7 jours
1 cp matin et soir jusqu'au 05/12/2026 => 1 cp | m1 s1 | | f:2026-12-05
1 sachet 3 fois par jour pendant 5 jours => 1 sachet | | 3 fois par jour | d:5 jours
# inject
1 injection IM par jour jusqu'au 01/12/2026 => 1 injection | | par jour | v:intramusculaire;f:2026-12-01
# eye
1 goutte dans chaque œil le soir => 1 goutte | s1 goutte | | v:ophtalmique
1 gtte ODG le soir => 1 gtte | s1 gtte | | v:ophtalmique
# eye2
1 goutte matin et soir dans les deux yeux => 1 goutte | m1 goutte s1 goutte | | v:ophtalmique
# weekly
1 cp le lundi => 1 cp | | le lundi |
1 cp par semaine => 1 cp | | par semaine |
1 comprimé une fois par semaine => 1 comprimé | | une fois par semaine |
1 cp par semaine, le mardi => 1 cp | | par semaine le mardi |
"""),
    discharge=rows_of("""
TRAITEMENT DE SORTIE
Traitement de sortie :
Traitement à la sortie :
Ordonnance de sortie :
Traitements à la sortie
Traitement proposé à la sortie :
TTT de sortie :
Traitement médicamenteux de sortie
"""),
    stopped=rows_of("""
Traitements arrêtés :
Traitements arrêtés pendant le séjour
MÉDICAMENTS ARRÊTÉS
Arrêts de traitement :
Traitements interrompus pendant l'hospitalisation :
"""),
    admission=rows_of("""
Traitement à l'entrée :
TRAITEMENT HABITUEL
Traitement habituel :
Traitement à l'admission :
Traitement antérieur :
Traitement personnel avant hospitalisation :
"""),
    other=pairs_of("""
Motif d'hospitalisation :: Chute à domicile avec station au sol prolongée.
Motif d'hospitalisation : :: Décompensation cardiaque globale.
ANTÉCÉDENTS :: HTA, fibrillation atriale, prothèse totale de hanche droite en 2011, allergie à la {allergen}.
Mode de vie :: Vit en EHPAD, marche avec un déambulateur, GIR 3.
Examen clinique à l'entrée :: TA 132/74 mmHg, FC 88/min, SpO2 95 % en air ambiant, poids 61 kg.
Biologie : :: Hb 11,2 g/dl, potassium 4,2 mmol/l, créatinine 98 µmol/l, CRP 42 mg/l, INR 2,3.
Allergies :: {allergen} (urticaire)
Histoire de la maladie :: Patiente de 88 ans adressée par l'EHPAD pour dyspnée d'aggravation progressive depuis 3 jours.
Conclusion :: Décompensation cardiaque sur pneumopathie, d'évolution favorable.
Suivi :: Contrôle du ionogramme à 8 jours. Consultation de cardiologie le 15/01/2027.
"""),
    stop_sentences=rows_of("""
Le {drug} a été arrêté en raison d'une {reason}.
Nous avons arrêté le {drug} devant une {reason}.
Arrêt du {drug} ({reason}).
Le traitement par {drug} a été interrompu du fait d'une {reason}.
Suspension du {drug} en raison d'une {reason}.
{drug} arrêté ({reason}).
"""),
    start_sentences=rows_of("""
Introduction de {drug} {posology}.
Un traitement par {drug} {posology} a été instauré.
Nous avons introduit le {drug} {posology}.
Mise sous {drug} {posology}.
"""),
    admission_leads=rows_of("""
À l'entrée, son traitement comportait : {list}.
Traitement habituel par {list}.
Elle prenait à domicile : {list}.
"""),
    discharge_leads=rows_of("""
À la sortie, le traitement comporte : {list}.
Elle sort avec : {list}.
Le traitement de sortie associe {list}.
"""),
    noise=rows_of("""
Pas d'indication à un traitement par {drug}.
L'introduction de {drug} est à discuter en consultation.
Elle a reçu de la {antibiotic} pendant 7 jours avec une bonne évolution.
Antécédent d'allergie à la {allergen}.
Sa fille est traitée par {drug}.
Discuter l'introduction de {drug} si persistance des symptômes.
Pas de notion de prise de {drug}.
"""),
    stop_items=rows_of("""
{drug} : {reason}
{drug} ({reason})
{drug} arrêté : {reason}
{drug}, {reason}
"""),
    closings=rows_of("""
Confraternellement, Dr Hélène AUGUIN
Bien cordialement.
"""),
    columns=(
        ("Médicament", "Matin", "Midi", "Soir", "Coucher"),
        ("Médicament", "Posologie"),
        ("Spécialité", "Dosage", "Posologie", "Commentaire"),
        ("DCI", "Posologie", "Durée", "Motif"),
    ),
    stop_reasons=rows_of("""
bradycardie
hyponatrémie
insuffisance rénale aiguë
hypotension orthostatique
chute à répétition
hémorragie digestive
confusion
"""),
)

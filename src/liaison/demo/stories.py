"""Why residents go to hospital and what comes back: the stories behind the letters, as a geriatrician would tell them.

In the texts, ``{patient}``, ``{age}`` and ``{e}`` agree with the resident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liaison.demo.world.drugs import EVENING, HALF_TABLET, MORNING, TABLET, TWICE, TWO_TABLETS, Posology


@dataclass(frozen=True, slots=True)
class Start:
    """A drug begun in hospital, by its brand, and for how long (empty: until told otherwise)."""

    brand: str
    reason: str
    duration: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    posology: Posology
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """One kind of stay. ``stops`` and ``changes`` go by therapeutic group; ``follow_up`` is (label, days, kind)."""

    key: str
    hospital: str
    reason: str
    synthesis: str
    urgent: bool = True
    stops: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    starts: tuple[Start, ...] = ()
    expected: tuple[str, ...] = ()
    follow_up: tuple[tuple[str, int, str], ...] = ()
    new_allergy: tuple[str, str] | None = None
    bacteria: str = ""
    transfusion: bool = False


STORIES = (
    Story(
        key="heart-failure",
        hospital="chu-reims",
        reason="Décompensation cardiaque globale, avec dyspnée de repos et œdèmes des membres inférieurs.",
        synthesis=(
            "{patient} de {age} ans, adressé{e} pour dyspnée croissante depuis quatre jours. NT-proBNP à 6 840 ng/L. "
            "Échographie : fraction d'éjection à 42 %. Évolution favorable sous furosémide injectable, perte "
            "de 4,2 kg. Poids de sortie à prendre comme référence. Créatinine stable à 98 µmol/L, kaliémie 4,1 mmol/L."
        ),
        stops={
            "calcium blocker": "œdèmes des membres inférieurs et insuffisance cardiaque",
            "antiarrhythmic": "bradycardie à 44/min sous amiodarone",
            "potassium": "kaliémie à 5,2 mmol/L à l'entrée",
        },
        changes={
            "loop diuretic": Change((TWO_TABLETS, MORNING), "majoration après décompensation cardiaque"),
            "betablocker": Change((HALF_TABLET, MORNING), "fréquence cardiaque à 50/min au repos"),
            "ace inhibitor": Change((HALF_TABLET, MORNING), "tension artérielle basse sous diurétique majoré"),
        },
        starts=(Start("FORTIMEL", "albuminémie à 29 g/L"),),
        expected=("Ferritine et coefficient de saturation de la transferrine (prélevés le jour de la sortie)",),
        follow_up=(
            ("Ionogramme sanguin et créatinine à une semaine", 7, "observation"),
            ("Consultation de cardiologie", 35, "encounter"),
            ("Pesée trois fois par semaine ; prévenir si prise de plus de 2 kg", 3, "observation"),
        ),
    ),
    Story(
        key="hip-fracture",
        hospital="polyclinique",
        reason="Chute mécanique avec fracture du col du fémur droit.",
        synthesis=(
            "{patient} de {age} ans, opéré{e} le lendemain de l'entrée : prothèse intermédiaire de hanche sous "
            "rachianesthésie. Suites simples. Épisode confusionnel de deux jours, résolu. Transfusion de deux culots "
            "globulaires. Appui complet autorisé, marche avec déambulateur et l'aide d'une personne."
        ),
        stops={
            "hypnotic": "chute, risque de récidive",
            "anxiolytic": "chute et confusion post-opératoire",
            "antipsychotic": "confusion post-opératoire, hypotension orthostatique",
        },
        changes={"analgesic": Change((TABLET, "toutes les 6 heures"), "douleur post-opératoire")},
        starts=(
            Start("LOVENOX", "prévention de la thrombose après chirurgie de hanche", "35 jours"),
            Start("CALCIDIA", "ostéoporose fracturaire"),
        ),
        expected=("Dosage de la 25-OH vitamine D",),
        follow_up=(
            ("Ablation des agrafes par l'infirmière", 14, "act"),
            ("Numération plaquettaire deux fois par semaine sous héparine", 4, "observation"),
            ("Consultation de contrôle en orthopédie avec radiographie", 45, "encounter"),
        ),
        transfusion=True,
    ),
    Story(
        key="pneumonia",
        hospital="ch-epernay",
        reason="Pneumopathie de la base droite, fébrile, avec désaturation à 86 % en air ambiant.",
        synthesis=(
            "{patient} de {age} ans, hospitalisé{e} pour fièvre à 39,1 °C et encombrement. Foyer de la base droite à "
            "la radiographie, CRP à 184 mg/L. Antibiothérapie intraveineuse puis orale, oxygène sevré au "
            "cinquième jour. Éruption cutanée sous amoxicilline au deuxième jour, relais par pristinamycine bien "
            "supporté. Troubles de déglutition : textures modifiées, eau gélifiée."
        ),
        stops={
            "opioid": "somnolence et désaturation",
            "hypnotic": "insuffisance respiratoire aiguë",
            "antiemetic": "absence de nausées pendant le séjour",
        },
        changes={
            "proton pump inhibitor": Change((TABLET, MORNING), "prise déplacée le matin avec les textures modifiées"),
            "antidementia": Change((TABLET, MORNING), "agitation le soir"),
        },
        starts=(Start("PYOSTACINE", "fin de l'antibiothérapie de la pneumopathie", "4 jours"),),
        expected=("Antigénurie légionelle et hémocultures (résultat définitif)",),
        follow_up=(
            ("CRP de contrôle", 8, "observation"),
            ("Bilan de déglutition par l'orthophoniste", 15, "act"),
        ),
        new_allergy=("Amoxicilline", "éruption cutanée"),
    ),
    Story(
        key="hypoglycaemia",
        hospital="chu-reims",
        reason="Malaise avec hypoglycémie à 0,41 g/L.",
        synthesis=(
            "{patient} de {age} ans, trouvé{e} en sueurs et confus{e} au réveil. Resucrage par les pompiers. Apports "
            "alimentaires réduits depuis une semaine. HbA1c à 6,4 % : objectif trop strict pour l'âge, allègement du "
            "traitement. Glycémies entre 1,2 et 2,1 g/L à la sortie."
        ),
        stops={
            "oral antidiabetic": "hypoglycémie sévère et clairance de la créatinine à 28 mL/min",
            "fast insulin": "allègement du traitement, HbA1c à 6,4 %",
        },
        changes={
            "insulin": Change(("8 UI", MORNING), "hypoglycémie ; injection déplacée le matin"),
            "betablocker": Change((HALF_TABLET, MORNING), "masque les signes d'hypoglycémie"),
        },
        starts=(Start("FORTIMEL", "apports insuffisants, perte de 3 kg en un mois"),),
        expected=("HbA1c de contrôle",),
        follow_up=(
            ("Glycémie capillaire avant chaque repas pendant une semaine", 7, "observation"),
            ("Avis d'endocrinologie", 30, "encounter"),
        ),
    ),
    Story(
        key="bleeding",
        hospital="chu-reims",
        reason="Rectorragies et anémie à 7,4 g/dL sous anticoagulant.",
        synthesis=(
            "{patient} de {age} ans, adressé{e} pour rectorragies et pâleur. Anémie ferriprive à 7,4 g/dL, deux culots "
            "globulaires transfusés. Gastroscopie : ulcère gastrique non hémorragique. Coloscopie non faite, d'accord "
            "avec la famille. Hémoglobine de sortie à 9,6 g/dL. Le rapport entre bénéfice et risque du traitement "
            "antithrombotique est à rediscuter avec le médecin traitant."
        ),
        stops={
            "antithrombotic": "hémorragie digestive ; reprise à discuter à un mois",
            "antidepressant": "risque hémorragique",
        },
        changes={"analgesic": Change((TABLET, TWICE), "douleurs contrôlées")},
        starts=(
            Start("MOPRAL", "ulcère gastrique", "8 semaines"),
            Start("TARDYFERON B9", "anémie ferriprive"),
        ),
        expected=("Biopsies gastriques (recherche d'Helicobacter pylori)",),
        follow_up=(
            ("Numération formule sanguine", 7, "observation"),
            ("Consultation de gastro-entérologie", 40, "encounter"),
        ),
        transfusion=True,
    ),
    Story(
        key="urinary-infection",
        hospital="ch-epernay",
        reason="Confusion aiguë fébrile sur infection urinaire.",
        synthesis=(
            "{patient} de {age} ans, hospitalisé{e} pour confusion et fièvre à 38,8 °C. Globe vésical, sondage. "
            "ECBU positif à Escherichia coli producteur de BLSE, sensible à l'ofloxacine. Retour à l'état cognitif "
            "antérieur au quatrième jour. Sonde retirée, reprise des mictions."
        ),
        stops={
            "anxiolytic": "confusion",
            "prostate": "hypotension orthostatique",
            "antiemetic": "effet anticholinergique, rétention urinaire",
            "rescue opioid": "globe vésical, douleurs contrôlées par le paracétamol",
        },
        changes={
            "antipsychotic": Change((HALF_TABLET, EVENING), "sédation excessive"),
            "laxative": Change(("1 sachet", TWICE), "fécalome évacué à l'entrée"),
        },
        starts=(Start("OFLOCET", "infection urinaire à E. coli", "5 jours"),),
        expected=("ECBU de contrôle",),
        follow_up=(
            ("Recherche d'un résidu post-mictionnel par échographie vésicale", 3, "act"),
            ("Précautions complémentaires de contact (BLSE)", 1, "observation"),
        ),
        bacteria="Escherichia coli producteur de bêta-lactamase à spectre étendu (urines)",
    ),
    Story(
        key="kidney",
        hospital="ch-epernay",
        reason="Déshydratation et insuffisance rénale aiguë fonctionnelle.",
        synthesis=(
            "{patient} de {age} ans, hospitalisé{e} pour asthénie et refus de boire après une gastro-entérite. "
            "Créatinine à 214 µmol/L, natrémie 151 mmol/L. Réhydratation sous-cutanée puis orale. Créatinine de sortie "
            "à 112 µmol/L. Surveiller les boissons : objectif 1,2 litre par jour."
        ),
        stops={
            "loop diuretic": "insuffisance rénale aiguë ; reprise selon le poids",
            "oral antidiabetic": "insuffisance rénale, risque d'acidose lactique",
            "gout": "insuffisance rénale",
            "potassium": "kaliémie à 5,9 mmol/L à l'entrée",
        },
        changes={
            "ace inhibitor": Change((HALF_TABLET, MORNING), "insuffisance rénale, tension basse"),
            "digitalis": Change((HALF_TABLET, "un jour sur deux"), "digoxinémie à 2,3 ng/mL"),
        },
        starts=(Start("TRANSIPEG", "constipation pendant la déshydratation", "15 jours"),),
        expected=("Digoxinémie de contrôle", "Créatinine à une semaine"),
        follow_up=(
            ("Ionogramme sanguin et créatinine", 7, "observation"),
            ("Surveillance du poids deux fois par semaine", 3, "observation"),
        ),
    ),
    Story(
        key="copd",
        hospital="chu-reims",
        reason="Exacerbation de BPCO.",
        synthesis=(
            "{patient} de {age} ans, tabagisme sevré, hospitalisé{e} pour dyspnée sifflante après un syndrome viral. "
            "Nébulisations, corticothérapie courte et antibiothérapie. Saturation à 94 % en air ambiant à la sortie. "
            "Vaccination antigrippale à prévoir à la résidence."
        ),
        stops={
            "betablocker": "bronchospasme",
            "opioid": "hypercapnie à l'entrée",
            "hypnotic": "hypercapnie à l'entrée",
        },
        changes={"anxiolytic": Change((HALF_TABLET, "au coucher"), "somnolence, hypercapnie")},
        starts=(
            Start("ORELOX", "exacerbation de BPCO", "5 jours"),
            Start("SOLUPRED", "exacerbation de BPCO", "5 jours"),
        ),
        expected=("Recherche virale par PCR (panel respiratoire)",),
        follow_up=(
            ("Consultation de pneumologie avec épreuves fonctionnelles", 60, "encounter"),
            ("Vaccination antigrippale", 21, "act"),
        ),
    ),
)

"""What residents of nursing homes take: real substances and ATC codes, fictive CIS codes.

Real CIS codes begin with 6; ours begin with 9, so that no line of the demo can be taken for a real speciality's.
"""

from dataclasses import dataclass
from itertools import count

from liaison.demo.world.values import Drug

ORAL = "orale"
SUBCUTANEOUS = "sous-cutanée"
TRANSDERMAL = "transdermique"
INHALED = "inhalée"
OPHTHALMIC = "ophtalmique"

Posology = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A drug as it is prescribed: its usual posologies (the first is the commonest), why, and another brand of it.

    ``group`` is the therapeutic class: nobody takes two drugs of one group.
    """

    drug: Drug
    group: str
    reason: str
    posologies: tuple[Posology, ...]
    other_brand: Drug | None = None
    as_needed: bool = False


MORNING, NOON, EVENING, BEDTIME = "le matin", "le midi", "le soir", "au coucher"
TWICE, THRICE, FOUR_TIMES = "matin et soir", "matin, midi et soir", "toutes les 6 heures"
TABLET, TWO_TABLETS, HALF_TABLET = "1 comprimé", "2 comprimés", "1/2 comprimé"
CAPSULE, SACHET, PATCH, DROP = "1 gélule", "1 sachet", "1 dispositif", "1 goutte dans chaque œil"

_cis = count(90000017, 61)


def _entry(  # the columns of a formulary
    group: str,
    names: str,
    strength: str,
    form: str,
    atc: str,
    reason: str,
    *posologies: Posology,
    route: str = ORAL,
    as_needed: bool = False,
) -> Entry:
    """``names`` is ``BRAND/DCI`` or ``BRAND/DCI/OTHER BRAND``."""
    brand, substance, *others = names.split("/")
    drug = Drug(brand, substance, strength, form, route, atc, str(next(_cis)))
    other = Drug(others[0], substance, strength, form, route, atc, str(next(_cis))) if others else None
    return Entry(drug, group, reason, posologies, other, as_needed)


_TABLETS = ((TABLET, MORNING), (HALF_TABLET, MORNING), (TABLET, TWICE))

FORMULARY: tuple[Entry, ...] = (
    _entry("antithrombotic", "KARDEGIC/acide acétylsalicylique/ACIDE ACÉTYLSALICYLIQUE VIATRIS", "75 mg", "poudre",
           "B01AC06", "prévention cardiovasculaire", (SACHET, NOON), (SACHET, MORNING)),
    _entry("antithrombotic", "ELIQUIS/apixaban", "2,5 mg", "comprimé", "B01AF02",
           "fibrillation atriale", (TABLET, TWICE), (TWO_TABLETS, TWICE)),
    _entry("antithrombotic", "XARELTO/rivaroxaban", "15 mg", "comprimé", "B01AF01",
           "fibrillation atriale", (TABLET, EVENING), (HALF_TABLET, EVENING)),
    _entry("antithrombotic", "PREVISCAN/fluindione", "20 mg", "comprimé", "B01AA12",
           "fibrillation atriale", ("3/4 comprimé", EVENING), (HALF_TABLET, EVENING), (TABLET, EVENING)),
    _entry("antithrombotic", "COUMADINE/warfarine", "2 mg", "comprimé", "B01AA03",
           "fibrillation atriale", (TWO_TABLETS, EVENING), (TABLET, EVENING), ("1,5 comprimé", EVENING)),
    _entry("betablocker", "CARDENSIEL/bisoprolol/BISOCE", "2,5 mg", "comprimé", "C07AB07",
           "insuffisance cardiaque", *_TABLETS),
    _entry("loop diuretic", "LASILIX/furosémide/FUROSÉMIDE BIOGARAN", "40 mg", "comprimé", "C03CA01",
           "insuffisance cardiaque", (TABLET, MORNING), (HALF_TABLET, MORNING), (TWO_TABLETS, MORNING)),
    _entry("ace inhibitor", "COVERSYL/périndopril/PÉRINDOPRIL TEVA", "5 mg", "comprimé", "C09AA04",
           "hypertension artérielle", *_TABLETS),
    _entry("ace inhibitor", "TRIATEC/ramipril/RAMIPRIL ARROW", "2,5 mg", "comprimé", "C09AA05",
           "hypertension artérielle", *_TABLETS),
    _entry("calcium blocker", "AMLOR/amlodipine/AMLODIPINE ZENTIVA", "5 mg", "gélule", "C08CA01",
           "hypertension artérielle", (CAPSULE, MORNING), (CAPSULE, EVENING), ("2 gélules", MORNING)),
    _entry("digitalis", "DIGOXINE NATIVELLE/digoxine", "0,25 mg", "comprimé", "C01AA05",
           "fibrillation atriale", (HALF_TABLET, MORNING), ("1/2 comprimé", "un jour sur deux"), (TABLET, MORNING)),
    _entry("antiarrhythmic", "CORDARONE/amiodarone/AMIODARONE MYLAN", "200 mg", "comprimé", "C01BD01",
           "fibrillation atriale", (TABLET, "le matin, 5 jours sur 7"), (TABLET, MORNING), (HALF_TABLET, MORNING)),
    _entry("statin", "TAHOR/atorvastatine/ATORVASTATINE VIATRIS", "10 mg", "comprimé", "C10AA05",
           "dyslipidémie", (TABLET, EVENING), (TWO_TABLETS, EVENING)),
    _entry("potassium", "DIFFU-K/chlorure de potassium", "600 mg", "gélule", "A12BA01",
           "hypokaliémie", (CAPSULE, TWICE), (CAPSULE, MORNING), (CAPSULE, THRICE)),
    _entry("insulin", "LANTUS/insuline glargine/ABASAGLAR", "100 UI/mL", "solution injectable", "A10AE04",
           "diabète de type 2", ("14 UI", EVENING), ("10 UI", EVENING), ("18 UI", EVENING), route=SUBCUTANEOUS),
    _entry("fast insulin", "NOVORAPID/insuline asparte", "100 UI/mL", "solution injectable", "A10AB05",
           "diabète de type 2", ("4 UI", "avant chaque repas"), ("6 UI", "avant chaque repas"), route=SUBCUTANEOUS),
    _entry("oral antidiabetic", "GLUCOPHAGE/metformine/METFORMINE BIOGARAN", "500 mg", "comprimé", "A10BA02",
           "diabète de type 2", (TABLET, TWICE), (TABLET, THRICE), (TABLET, MORNING)),
    _entry("oral antidiabetic", "DIAMICRON/gliclazide/GLICLAZIDE SANDOZ", "30 mg", "comprimé LM", "A10BB09",
           "diabète de type 2", (TABLET, MORNING), (TWO_TABLETS, MORNING)),
    _entry("thyroid", "LEVOTHYROX/lévothyroxine/L-THYROXINE HENNING", "50 µg", "comprimé", "H03AA01",
           "hypothyroïdie", (TABLET, "le matin à jeun"), ("1,5 comprimé", "le matin à jeun")),
    _entry("proton pump inhibitor", "INEXIUM/ésoméprazole/ÉSOMÉPRAZOLE CRISTERS", "20 mg", "comprimé", "A02BC05",
           "protection gastrique", (TABLET, EVENING), (TABLET, MORNING)),
    _entry("laxative", "FORLAX/macrogol 4000/MACROGOL BIOGARAN", "10 g", "poudre", "A06AD15",
           "constipation", (SACHET, MORNING), ("2 sachets", MORNING), (SACHET, TWICE)),
    _entry("analgesic", "DOLIPRANE/paracétamol/DAFALGAN", "1 g", "comprimé", "N02BE01",
           "douleurs arthrosiques", (TABLET, THRICE), (TABLET, FOUR_TIMES), (TABLET, TWICE)),
    _entry("opioid", "SKENAN LP/morphine", "10 mg", "gélule LP", "N02AA01",
           "douleurs chroniques", (CAPSULE, TWICE), ("2 gélules", TWICE)),
    _entry("opioid", "DUROGESIC/fentanyl/MATRIFEN", "12 µg/h", "dispositif transdermique", "N02AB03",
           "douleurs chroniques", (PATCH, "toutes les 72 heures"), route=TRANSDERMAL),
    _entry("rescue opioid", "ACTISKENAN/morphine", "5 mg", "gélule", "N02AA01",
           "accès douloureux", (CAPSULE, "toutes les 4 heures si douleur"), as_needed=True),
    _entry("antidepressant", "SEROPLEX/escitalopram/ESCITALOPRAM EG", "10 mg", "comprimé", "N06AB10",
           "syndrome dépressif", (TABLET, MORNING), (HALF_TABLET, MORNING)),
    _entry("antidepressant", "NORSET/mirtazapine/MIRTAZAPINE TEVA", "15 mg", "comprimé", "N06AX11",
           "syndrome dépressif", (TABLET, BEDTIME), (HALF_TABLET, BEDTIME), (TWO_TABLETS, BEDTIME)),
    _entry("anxiolytic", "SERESTA/oxazépam", "10 mg", "comprimé", "N05BA04",
           "anxiété", (HALF_TABLET, TWICE), (TABLET, BEDTIME), (HALF_TABLET, BEDTIME)),
    _entry("hypnotic", "IMOVANE/zopiclone/ZOPICLONE MYLAN", "3,75 mg", "comprimé", "N05CF01",
           "insomnie", (TABLET, BEDTIME), (HALF_TABLET, BEDTIME)),
    _entry("antipsychotic", "RISPERDAL/rispéridone/RISPÉRIDONE ZYDUS", "0,5 mg", "comprimé", "N05AX08",
           "troubles du comportement", (TABLET, EVENING), (HALF_TABLET, EVENING), (TABLET, TWICE)),
    _entry("antidementia", "EBIXA/mémantine/MÉMANTINE ARROW", "10 mg", "comprimé", "N06DX01",
           "maladie d'Alzheimer", (TABLET, TWICE), (TABLET, MORNING)),
    _entry("antiepileptic", "KEPPRA/lévétiracétam/LÉVÉTIRACÉTAM ARROW", "250 mg", "comprimé", "N03AX14",
           "épilepsie", (TABLET, TWICE), (TWO_TABLETS, TWICE)),
    _entry("antiparkinson", "MODOPAR/lévodopa + bensérazide", "125 mg", "gélule", "N04BA02",
           "maladie de Parkinson", (CAPSULE, THRICE), ("1 gélule", FOUR_TIMES)),
    _entry("osteoporosis", "FOSAMAX/acide alendronique/ALENDRONATE SANDOZ", "70 mg", "comprimé", "M05BA04",
           "ostéoporose", (TABLET, "une fois par semaine")),
    _entry("vitamin D", "UVEDOSE/colécalciférol", "100 000 UI", "ampoule", "A11CC05",
           "carence en vitamine D", ("1 ampoule", "tous les 3 mois"), ("1 ampoule", "tous les 2 mois")),
    _entry("gout", "ZYLORIC/allopurinol/ALLOPURINOL ARROW", "100 mg", "comprimé", "M04AA01",
           "goutte", (TABLET, EVENING), (TWO_TABLETS, EVENING)),
    _entry("bronchodilator", "SPIRIVA/tiotropium", "18 µg", "poudre à inhaler", "R03BB04",
           "BPCO", (CAPSULE, MORNING), route=INHALED),
    _entry("glaucoma", "XALATAN/latanoprost/MONOPROST", "50 µg/mL", "collyre", "S01EE01",
           "glaucome", (DROP, EVENING), route=OPHTHALMIC),
    _entry("prostate", "XATRAL LP/alfuzosine/ALFUZOSINE BIOGARAN", "10 mg", "comprimé LP", "G04CA01",
           "hypertrophie de la prostate", (TABLET, EVENING)),
    _entry("iron", "TARDYFERON/sulfate ferreux", "80 mg", "comprimé", "B03AA07",
           "carence martiale", (TABLET, MORNING), (TABLET, TWICE)),
    _entry("antiemetic", "VOGALÈNE/métopimazine", "15 mg", "gélule", "A04AD05",
           "nausées", (CAPSULE, "jusqu'à 2 fois par jour"), as_needed=True),
)  # fmt: skip

HOSPITAL_DRUGS: dict[str, Entry] = {
    entry.drug.brand: entry
    for entry in (
        _entry("heparin", "LOVENOX/énoxaparine", "4000 UI/0,4 mL", "solution injectable", "B01AB05",
               "prévention de la thrombose", ("1 injection", "1 fois par jour"), route=SUBCUTANEOUS),
        _entry("antibiotic", "ORELOX/cefpodoxime", "100 mg", "comprimé", "J01DD13",
               "infection respiratoire", (TWO_TABLETS, TWICE)),
        _entry("antibiotic", "PYOSTACINE/pristinamycine", "500 mg", "comprimé", "J01FG01",
               "infection respiratoire", (TWO_TABLETS, THRICE)),
        _entry("antibiotic", "OFLOCET/ofloxacine", "200 mg", "comprimé", "J01MA01",
               "infection urinaire", (TABLET, TWICE)),
        _entry("nutrition", "FORTIMEL/complément nutritionnel oral", "200 mL", "boisson", "V06DB",
               "dénutrition", ("1 flacon", TWICE)),
        _entry("laxative", "TRANSIPEG/macrogol 3350", "5,9 g", "poudre", "A06AD65",
               "constipation", ("2 sachets", MORNING)),
        _entry("iron", "TARDYFERON B9/sulfate ferreux + acide folique", "50 mg", "comprimé", "B03AD03",
               "anémie", (TABLET, MORNING)),
        _entry("proton pump inhibitor", "MOPRAL/oméprazole", "20 mg", "gélule", "A02BC01",
               "ulcère gastrique", (CAPSULE, TWICE)),
        _entry("calcium", "CALCIDIA/carbonate de calcium", "1,54 g", "granulés", "A12AA04",
               "ostéoporose", (SACHET, NOON)),
        _entry("corticoid", "SOLUPRED/prednisolone", "20 mg", "comprimé orodispersible", "H02AB06",
               "exacerbation de BPCO", (TWO_TABLETS, MORNING)),
    )
}  # fmt: skip

COMMON_GROUPS = (
    "analgesic", "laxative", "proton pump inhibitor", "vitamin D", "loop diuretic", "betablocker", "antithrombotic",
)  # fmt: skip
MEN_ONLY = frozenset({"prostate"})

ALLERGIES = (
    ("Amoxicilline", "éruption cutanée"),
    ("Pénicilline G", "œdème de Quincke"),
    ("Produits de contraste iodés", "urticaire"),
    ("Sulfaméthoxazole", "éruption cutanée"),
    ("Codéine", "nausées et vomissements"),
    ("Latex", "eczéma de contact"),
)


def entry_of(drug: Drug) -> Entry | None:
    """The line of the formulary a drug comes from, by either of its brands."""
    return next((entry for entry in FORMULARY if drug in (entry.drug, entry.other_brand)), None)

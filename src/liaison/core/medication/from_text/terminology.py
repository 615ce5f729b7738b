"""Names of drugs sold or named in France, with their ATC codes: the terminology of edsnlp, and newer names.

edsnlp (AP-HP, BSD-3) carries Romedi's names in a file of its own; only that file is read, in a few hundredths of a
second. docs/adr says why its pipeline is not loaded.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path

from liaison.core.medication.from_text.folding import folded

_FILE = "edsnlp/resources/drugs.json"
_WORD = re.compile(r"[a-z0-9]+")
_BETWEEN = re.compile(r"[ \-/'+.,]{0,3}")

# Names sold since the terminology was made, or written otherwise in letters.
_NEWER = {
    "C09DX04": "entresto|sacubitril valsartan|sacubitril/valsartan",
    "A10BK03": "jardiance|empagliflozine",
    "A10BD15": "xigduo",
    "A10BD20": "synjardy",
    "A10BJ05": "trulicity|dulaglutide",
    "A10BJ06": "ozempic|semaglutide|rybelsus",
    "A10AE04": "insuline glargine|semglee",
    "A10AE05": "levemir|insuline detemir",
    "A10AE06": "insuline degludec|tresiba",
    "A10AB05": "insuline aspart|insuline asparte|trurapi|fiasp",
    "A10AB04": "insuline lispro|lyumjev",
    "A10AB06": "insuline glulisine",
    "A10AB01": "insuline rapide|umuline rapide",
    "A10AC01": "insuline isophane|insulatard",
    "B01AE07": "dabigatran|dabigatran etexilate",
    "B01AF03": "edoxaban|lixiana",
    "B01AB": "hbpm",
    "N04BA02": "madopar|levodopa|levodopa benserazide|levodopa carbidopa",
    "N03AG01": "valproate|valproate de sodium|depakote|micropakine",
    "H03AA01": "euthyrox|tcaps|l thyroxine henning|thyrofix",
    "H03BB02": "neomercazole",
    "C01AA05": "hemigoxine|hemigoxine nativelle",
    "A06AG01": "normacol|normacol lavement",
    "A11HA02": "vitamine b6",
    "A11DA01": "vitamine b1",
    "B03BA01": "vitamine b12",
    "A11CC05": "vitamine d3|vitamine d|vit d|kipos|zymad",
    "B01AC": "aspirine protect",
    "B01AC06": "aas|acide acetylsalicylique|aspirine|resitune",
    "A12AX": (
        "calcium vitamine d3|calcium vitamine d|calcit vitamine d3|cacit vitamine d3|orocal vitamine d3|calcium d3"
    ),
    "A12CC": "magne b6|magnesium vitamine b6",
    "C01DA02": "nitriderm|trinitrine",
    "R01AX10": "serum physiologique",
    "S01XA20": "vismed|larmes artificielles|aquarest",
    "V06DB": "fortimel|renutryl|nutrison|clinutren|resource|fresubin|delical",
    "R03AK10": "relvar",
    "R03AL08": "trelegy",
    "R03AL09": "trimbow",
    "R03AK08": "formodual|innovair",
    "N06AX26": "brintellix|vortioxetine",
    "N05AX12": "aripiprazole",
    "B03AA07": "sulfate ferreux|tardyferon|fer",
    "G04BD12": "betmiga|mirabegron",
    "C10AX09": "ezetimibe",
    "M05BX04": "prolia|denosumab",
    "M04AA03": "febuxostat|adenuric",
    "N03AX16": "pregabaline",
    "B01AA12": "fluindione|previscan",
    "N03AX12": "gabapentine",
    "N06DX01": "memantine",
    "N02AX02": "tramadol",
    "N02AJ13": "tramadol paracetamol|paracetamol tramadol",
    "N02AJ06": "paracetamol codeine|codeine paracetamol",
    "N02AJ": "opium paracetamol|paracetamol opium|paracetamol opium cafeine",
    "J01CR02": "amoxicilline acide clavulanique|amoxicilline/acide clavulanique|amox clav",
    "C09BA04": "perindopril indapamide",
    "C09BB04": "perindopril amlodipine",
    "N07BC01": "buprenorphine",
    "J01XE01": "nitrofurantoine|furadantine",
    "A02BC02": "pantoprazole|eupantol|inipomp",
    "A10BK01": "dapagliflozine",
    "A10BK02": "canagliflozine",
    "A10BK04": "ertugliflozine",
    "A10BH05": "linagliptine",
    "A10BH04": "alogliptine",
    "A10BX16": "tirzepatide|mounjaro",
    "N05AX16": "brexpiprazole",
    "N05AE05": "lurasidone",
    "N05AX15": "cariprazine",
    "N04BX04": "opicapone|ongentys",
    "N02AX06": "tapentadol|palexia",
    "N05BA05": "clorazepate|clorazepate dipotassique",
    "N06AX05": "trazodone",
    "M03BX02": "tizanidine",
    "C01EB18": "ranolazine",
    "C01DA14": "isosorbide mononitrate",
    "C01DA08": "isosorbide dinitrate|dinitrate d'isosorbide",
    "C09CA08": "olmesartan",
    "C02AB": "methyldopa",
    "C03BA11": "natrilix",
    "C03EA04": "altizide spironolactone|spironolactone altizide",
    "C03CA01": "lasix",
    "C03CA04": "torasemide",
    "A10AC": "insuline nph",
    "A10AE54": "suliqua",
    "A10AE56": "xultophy",
    "A10AD06": "ryzodeg",
    "M05BA08": "acide zoledronique",
    "V03AE09": "patiromer|veltassa",
    "B03AC": "fer injectable",
    "B03XA01": "epoetine|epoetine alfa",
    "B03XA02": "darbepoetine|darbepoetine alfa",
    "A11DA": "thiamine",
    "A11HA": "pyridoxine",
    "A06AB08": "picosulfate de sodium",
    "A06AC01": "ispaghula|psyllium",
    "A06AG11": "microlax",
    "A06AX01": "suppositoire a la glycerine|glycerine suppositoire",
    "A09AA02": "pancreatine",
    "A05AA02": "acide ursodesoxycholique",
    "J01EE01": "sulfamethoxazole trimethoprime|cotrimoxazole",
    "J01DH51": "imipenem|imipenem cilastatine",
    "J01DH03": "ertapenem",
    "J02AA01": "amphotericine b",
    "J05AE30": "paxlovid",
    "R03AC18": "onbrez",
    "R03BB07": "umeclidinium",
    "R03AL03": "anoro",
    "R03BB06": "glycopyrronium|seebri",
    "R03AL04": "ultibro",
    "R03BA01": "qvar",
    "A06AH01": "methylnaltrexone",
    "L02AE03": "gosereline",
    "L04AA06": "mycophenolate mofetil|acide mycophenolique",
    "N04AA01": "trihexyphenidyle",
    "A04AD01": "scopoderm|scopolamine",
    "B02AA02": "acide tranexamique",
    "B02BA01": "vitamine k|phytomenadione",
}
_NO_DRUGS = frozenset(
    [
        "art",
        "gel",
        "muse",
        "alli",
        "dio",
        "acti",
        "alma",
        "hec",
        "tobi",
        "evra",
        "trh",
        "lhrh",
        "uft",
        "np2",
        "carbone",
        "eau",
        "oxygene",
        "alcool",
        "solution",
        "creme",
        "sirop",
        "rectal",
        "insuline",
        "hemoglobine",
        "creatinine",
        "uree",
        "cortisol",
        "dopamine",
        "sang",
        "plasma",
        "lait",
        "sel",
        "charbon",
        "argent",
        "or",
        "menthe",
        "the",
        "cafe",
        "miel",
        "vaccin",
        "allergene",
        "tuberculine",
        "glucose",
        "sodium",
        "chlorures",
        "phosphore",
        "albumine",
        "bicarbonate",
        "avoine",
        "son",
        "huile",
        "sucre",
        "divers",
        "daily",
        "cobalt",
        "cuivre",
        "diane",
        "pneumo",
        "ginkgo",
        "lierre",
        "fluor",
        "ether",
        "phenol",
        "ringer",
        "mirena",
        "amides",
        "carlin",
        "xenon",
        "cyclo",
        "contraste",
        "iode",
        "mercure",
        "soufre",
        "orthodontie",
        "dexa",
        "stop",
        "vital",
        "relax",
        "tonus",
        "normal",
        "optimal",
    ]
)
_MEASURED = frozenset(
    {"potassium", "calcium", "magnesium", "zinc", "fer", "vitamine d", "vit d", "vitamine b12", "folates"}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A drug named in a text: where, and its ATC code where there is one only. ``is_measured``: a blood test too."""

    start: int
    end: int
    atc: str
    is_measured: bool = False


def drug_names(plain: str) -> tuple[Name, ...]:
    """The drugs a folded text names, the longest names first at each place, none over another."""
    words = list(_WORD.finditer(plain))
    found: list[Name] = []
    position = 0
    while position < len(words):
        length, name = _longest(plain, words, position)
        if name:
            found.append(name)
        position += max(length, 1)
    return tuple(found)


def atc_of(name: str) -> str:
    """The ATC code of a name alone, empty when it is unknown or has several."""
    found = drug_names(folded(name))
    return found[0].atc if found else ""


def _longest(plain: str, words: list[re.Match[str]], position: int) -> tuple[int, Name | None]:
    terms, longest = _terms()
    for length in range(min(longest.get(words[position][0], 0), len(words) - position), 0, -1):
        last = words[position + length - 1]
        key = " ".join(word[0] for word in words[position : position + length])
        if key in terms and _are_close(plain, words[position : position + length]):
            return length, Name(words[position].start(), last.end(), terms[key], key in _MEASURED)
    return 0, None


def _are_close(plain: str, words: list[re.Match[str]]) -> bool:
    return all(_BETWEEN.fullmatch(plain, one.end(), other.start()) for one, other in pairwise(words))


@lru_cache(maxsize=1)
def _terms() -> tuple[dict[str, str], dict[str, int]]:
    """The ATC code of each name in words one blank apart, and how many words the longest name with a first word has."""
    codes: dict[str, set[str]] = {}
    for atc, names in _edsnlp_names().items():
        for name in names:
            for key in {_key(name), _key(name.replace("-", ""))}:
                codes.setdefault(key, set()).add(atc)
    for atc, newer in _NEWER.items():
        for name in newer.split("|"):
            codes[_key(name)] = {atc}
    terms = {key: _common(found) for key, found in codes.items() if key and key not in _NO_DRUGS}
    longest: dict[str, int] = {}
    for key in terms:
        first, *others = key.split()
        longest[first] = max(longest.get(first, 0), 1 + len(others))
    return terms, longest


def _key(name: str) -> str:
    return " ".join(_WORD.findall(folded(name)))


def _common(codes: set[str]) -> str:
    return next(iter(codes)) if len(codes) == 1 else ""


def _edsnlp_names() -> dict[str, list[str]]:
    path = Path(str(distribution("edsnlp").locate_file(_FILE)))
    names: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
    return names

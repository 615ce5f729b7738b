"""The codes of the medical specialities (JDV_J01 / TRE_R38, system 1.2.250.1.213.1.1.4.5), by their plain names."""

_BY_NAME = {
    "allergologie": "SM57",
    "cardiologie": "SM73",
    "chirurgie orthopédique et traumatologie": "SM08",
    "chirurgie vasculaire": "SM13",
    "chirurgie viscérale et digestive": "SM14",
    "dermatologie et vénéréologie": "SM15",
    "dermatologie": "SM15",
    "endocrinologie, diabétologie, nutrition": "SM62",
    "endocrinologie": "SM62",
    "gastro-entérologie et hépatologie": "SM24",
    "gastro-entérologie": "SM24",
    "gériatrie": "SM18",
    "hématologie": "SM71",
    "maladies infectieuses et tropicales": "SM58",
    "médecine cardiovasculaire": "SM73",
    "médecine d'urgence": "SM59",
    "médecine générale": "SM54",
    "médecine intensive-réanimation": "SM46",
    "médecine interne": "SM27",
    "médecine physique et réadaptation": "SM29",
    "médecine vasculaire": "SM61",
    "néphrologie": "SM30",
    "neurologie": "SM32",
    "oncologie": "SM36",
    "ophtalmologie": "SM38",
    "oto-rhino-laryngologie": "SM39",
    "pédiatrie": "SM40",
    "pneumologie": "SM41",
    "psychiatrie": "SM42",
    "qualifié en médecine générale": "SM26",
    "radiologie et imagerie médicale": "SM74",
    "rhumatologie": "SM48",
    "santé publique": "SM75",
    "spécialiste en médecine générale": "SM53",
}


def speciality_code(name: str) -> str:
    """``Gériatrie`` or ``Médecin - Gériatrie (SM)`` -> ``G15_10/SM18``; empty when the name is not in the list."""
    plain = name.casefold().replace("’", "'").removeprefix("médecin - ").removesuffix("(sm)").strip()
    code = _BY_NAME.get(plain, "")
    return f"G15_10/{code}" if code else ""

"""An extraction of the national directory that names nobody: the published shape, made-up people, any length."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from random import Random

from liaison.core.directory.extraction import COLUMNS, SEPARATOR
from liaison.core.directory.values import Listed
from liaison.demo.world.identifiers import plain_ascii
from liaison.demo.world.names import FAMILIES, FEMALE_GIVEN, MALE_GIVEN

FILE_NAME = "Extraction_Correspondance_MSSante.txt"
NATIONAL_LINES = 535_000
_DOMAINS = 5_000
_ORGANISATIONS = 0.15
_COMMON_FAMILY = 0.35
_TOWNS = 6_000

_STARTS = (
    "bar", "bel", "ber", "bon", "bou", "bre", "car", "cha", "cor", "dau", "del", "dou", "far", "fer", "gar", "gau",
    "gir", "gran", "gui", "har", "jac", "lan", "lar", "leb", "mar", "mer", "mon", "mou", "nor", "par", "pel", "per",
    "pon", "rab", "ren", "ri", "rou", "sal", "sau", "ser", "tar", "tho", "tre", "val", "var", "ver", "vil", "vin",
)  # fmt: skip
_MIDDLES = (
    "", "a", "be", "bi", "de", "do", "e", "ga", "i", "la", "le", "li", "ma", "mo", "na", "ne", "o", "ra", "ri", "sa",
    "te", "ti", "vi",
)  # fmt: skip
_ENDS = (
    "ault", "bert", "chet", "cot", "dard", "dier", "dot", "dier", "fort", "gnon", "gny", "lard", "let", "lier", "lin",
    "lot", "mont", "nard", "neau", "net", "nier", "not", "quet", "rand", "reau", "ret", "rot", "sard", "son", "tard",
    "teau", "tier", "ton", "vel", "vier", "ville", "zet",
)  # fmt: skip
_PROFESSIONS = (
    (35, "10", "Médecin", "Spécialiste en Médecine Générale"),
    (3, "10", "Médecin", "Cardiologie et maladies vasculaires"),
    (2, "10", "Médecin", "Gériatrie"),
    (2, "10", "Médecin", "Neurologie"),
    (3, "10", "Médecin", "Psychiatrie"),
    (2, "10", "Médecin", "Ophtalmologie"),
    (2, "10", "Médecin", "Pneumologie"),
    (2, "10", "Médecin", "Gastro-entérologie et hépatologie"),
    (2, "10", "Médecin", "Néphrologie"),
    (3, "10", "Médecin", "Radio-diagnostic"),
    (8, "21", "Pharmacien", ""),
    (14, "60", "Infirmier", ""),
    (9, "70", "Masseur-Kinésithérapeute", ""),
    (6, "40", "Chirurgien-Dentiste", ""),
    (4, "50", "Sage-Femme", ""),
    (3, "91", "Orthophoniste", ""),
)
_STRUCTURES = (
    "PHARMACIE",
    "CABINET INFIRMIER",
    "CENTRE HOSPITALIER",
    "CLINIQUE",
    "LABORATOIRE",
    "EHPAD",
    "MAISON DE SANTE",
)
_SERVICES = ("Secrétariat médical", "Cardiologie", "Gériatrie", "Urgences", "Pharmacie", "Biologie médicale", "")
_TOWN_ENDS = ("sur-Seine", "sur-Marne", "la-Forêt", "les-Bains", "en-Champagne", "le-Vieux", "le-Grand", "")


def write_extraction(path: Path, lines: int, *, seed: int = 1, listed: Iterable[Listed] = ()) -> None:
    """A zip as published, of ``lines`` lines; those of ``listed`` come first, and count."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        info = zipfile.ZipInfo(FILE_NAME, datetime.now().timetuple()[:6])  # noqa: DTZ005 (a zip holds local times)
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w", force_zip64=True) as file:
            for chunk in _chunks(extraction(lines, seed=seed, listed=listed)):
                file.write(chunk)


def extraction(lines: int, *, seed: int = 1, listed: Iterable[Listed] = ()) -> Iterator[str]:
    """The header, then the lines, each with its end."""
    yield SEPARATOR.join(COLUMNS) + "\n"
    given = [_line(each) for each in listed][:lines]
    yield from given
    makers = Random(seed)  # noqa: S311 (made-up people, not secrets)
    towns = [_town(makers) for _ in range(_TOWNS)]
    domains = domains_of(seed)
    for number in range(lines - len(given)):
        yield _line(_listed(makers, number, towns, domains))


def domains_of(seed: int) -> list[str]:
    """The domains the mailboxes of an extraction are in."""
    makers = Random(f"domains of {seed}")  # noqa: S311 (as above)
    return [f"{_name(makers)}-{number}.mssante.fr" for number in range(_DOMAINS)]


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == 10_000:  # noqa: PLR2004 (a megabyte or two)
            yield "".join(held).encode()
            held.clear()
    yield "".join(held).encode()


def _listed(makers: Random, number: int, towns: list[tuple[str, str]], domains: list[str]) -> Listed:
    postal_code, city = makers.choice(towns)
    domain = domains[min(int(makers.expovariate(4.0) * len(domains)), len(domains) - 1)]
    if makers.random() < _ORGANISATIONS:
        return _organisation(makers, number, postal_code, city, domain)
    family = makers.choice(FAMILIES) if makers.random() < _COMMON_FAMILY else _name(makers).capitalize()
    given = makers.choice(FEMALE_GIVEN if makers.random() < 0.5 else MALE_GIVEN)  # noqa: PLR2004 (one in two)
    profession, speciality = _profession(makers)
    return Listed(
        kind="PER",
        email=f"{plain_ascii(given)}.{plain_ascii(family)}.{number}@{domain}",
        national_id=f"8{10_000_000_000 + number}",
        title="Docteur" if profession == "Médecin" else "",
        family=family.upper(),
        given=given,
        profession=profession,
        speciality=speciality,
        structure=f"CABINET {family.upper()}",
        structure_id=f"1{number:09d}",
        street=f"{makers.randint(1, 199)} RUE {_name(makers).upper()}",
        postal_code=postal_code,
        city=city,
        dematerialised=makers.random() < 0.8,  # noqa: PLR2004 (four in five)
    )


def _organisation(makers: Random, number: int, postal_code: str, city: str, domain: str) -> Listed:
    structure, service = makers.choice(_STRUCTURES), makers.choice(_SERVICES)
    return Listed(
        kind="ORG",
        email=f"{plain_ascii(structure)}.{number}@{domain}",
        national_id=f"1{number:09d}",
        structure=f"{structure} {_name(makers).upper()}",
        structure_id=f"1{number:09d}",
        service=service,
        street=f"{makers.randint(1, 199)} AVENUE {_name(makers).upper()}",
        postal_code=postal_code,
        city=city,
        dematerialised=True,
    )


def _line(listed: Listed) -> str:
    number, _, street = listed.street.partition(" ")
    person = ("", "", "")
    if listed.kind != "ORG":
        person = (listed.national_id[:1], listed.national_id[1:], listed.national_id)
    cells = (
        listed.kind, listed.email, *person, listed.structure_id[:1], listed.structure_id, listed.service,
        listed.title, listed.family, listed.given, "C", "Civil", "", listed.profession, "", listed.speciality,
        "O" if listed.dematerialised else "N", listed.structure, "", "", "", number, "", "", street, "",
        f"{listed.postal_code} {listed.city.upper()}", listed.postal_code, listed.postal_code[:2], "FRANCE",
    )  # fmt: skip
    return SEPARATOR.join(cells) + "\n"


def _profession(makers: Random) -> tuple[str, str]:
    (_, _, profession, speciality) = makers.choices(_PROFESSIONS, [each[0] for each in _PROFESSIONS])[0]
    return profession, speciality


def _town(makers: Random) -> tuple[str, str]:
    department = makers.choice([number for number in range(1, 96) if number != 20])  # noqa: PLR2004 (Corsica's old number)
    name = "-".join(filter(None, (_name(makers).capitalize(), makers.choice(_TOWN_ENDS))))
    return f"{department:02d}{makers.randint(0, 99):02d}0", name


def _name(makers: Random) -> str:
    return makers.choice(_STARTS) + makers.choice(_MIDDLES) + makers.choice(_MIDDLES) + makers.choice(_ENDS)

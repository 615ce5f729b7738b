"""The doctors around the homes, and the people who work in them."""

from collections.abc import Iterator

from liaison.demo.world.dice import Dice
from liaison.demo.world.identifiers import plain_ascii, rpps
from liaison.demo.world.names import DOCTOR_FAMILIES, DOCTOR_GIVEN
from liaison.demo.world.places import HOME, SITES
from liaison.demo.world.values import (
    Behaviour,
    Doctor,
    Mailbox,
    MailOperator,
    MailStyle,
    Membership,
    Role,
    Site,
    StaffMember,
)

HOME_DOMAIN = "btprms.mssante.fr"
DOCTORS_DOMAIN = "medecins-champagne.mssante.fr"
PATIENT_DOMAIN = "patient.mssante.fr"
APICRYPT_DOMAIN = "apicrypt-champagne.mssante.fr"

OPERATORS = (
    MailOperator(
        "champagne",
        "Messagerie Santé Champagne",
        (
            HOME_DOMAIN,
            DOCTORS_DOMAIN,
            PATIENT_DOMAIN,
            "chu-reims.mssante.fr",
            "ch-epernay.mssante.fr",
        ),
    ),
    MailOperator("apicrypt", "Apicrypt Champagne", (APICRYPT_DOMAIN, "polyclinique-bleuets.mssante.fr")),
)

_SPECIALITIES = (
    "Cardiologie", "Gériatrie", "Neurologie", "Psychiatrie", "Endocrinologie", "Néphrologie", "Pneumologie",
    "Rhumatologie", "Urologie", "Ophtalmologie", "Gastro-entérologie", "Cardiologie",
)  # fmt: skip
_GP_CITIES = (
    "Reims", "Reims", "Reims", "Reims", "Reims", "Reims", "Reims", "Épernay", "Épernay", "Châlons-en-Champagne",
    "Vitry-le-François", "Sézanne", "Fismes", "Charleville-Mézières", "Rethel", "Troyes", "Langres", "Soissons",
)  # fmt: skip
_BEHAVIOURS: tuple[Behaviour, ...] = (
    "validates", "changes_a_line", "clicks", "asks", "names", "visits", "validates", "silent", "validates",
    "changes_a_line",
    "names", "clicks", "inline", "validates", "late", "changes_a_line", "clicks", "names",
    "visits", "silent", "asks", "inline", "validates", "changes_a_line", "clicks", "names", "late", "thanks", "inline",
    "validates",
)  # fmt: skip
_DOMAINS = (DOCTORS_DOMAIN, DOCTORS_DOMAIN, APICRYPT_DOMAIN)
_STYLES: tuple[MailStyle, ...] = ("outlook", "thunderbird", "webmail", "phone", "outlook", "plain", "thunderbird")


def doctors(seed: int) -> Iterator[Doctor]:
    """Thirty of them, eighteen in general practice; one in three has his mailbox at the other operator's."""
    families = Dice(seed, "doctors").sample(DOCTOR_FAMILIES, len(DOCTOR_FAMILIES))
    specialities = ("Médecine générale",) * len(_GP_CITIES) + _SPECIALITIES
    cities = _GP_CITIES + ("Reims",) * len(_SPECIALITIES)
    for number, (family, (given, _)) in enumerate(zip(families, DOCTOR_GIVEN, strict=True)):
        domain = _DOMAINS[number % len(_DOMAINS)]
        yield Doctor(
            rpps=rpps(100 + number),
            title="Dr",
            family=family,
            given=given,
            speciality=specialities[number],
            city=cities[number],
            address=f"{plain_ascii(given)}.{plain_ascii(family)}@{domain}",
            behaviour=_BEHAVIOURS[number % len(_BEHAVIOURS)],
            mail_style=_STYLES[number % len(_STYLES)],
        )


def _member(given: str, family: str, role: Role, *sites: Site, title: str = "", number: int = 0) -> StaffMember:
    username = f"{plain_ascii(given)}.{plain_ascii(family)}"
    memberships = tuple(Membership(site.key, role) for site in sites)
    return StaffMember(username, title, given, family, memberships, rpps(number) if number else "")


_OTHER_SECRETARIES = (
    ("Sandrine", "Aubert"), ("Laëtitia", "Brun"), ("Corinne", "Chevalier"), ("Magali", "Denis"), ("Patricia", "Evrard"),
    ("Séverine", "François"), ("Nathalie", "Georges"), ("Angélique", "Henry"), ("Virginie", "Imbert"),
    ("Stéphanie", "Jacquot"), ("Karine", "Klein"), ("Émilie", "Louis"),
)  # fmt: skip

STAFF = (
    _member("Claire", "Petit", "secretary", HOME, title="Mme"),
    _member("Martine", "Hubert", "secretary", HOME, title="Mme"),
    _member("Inès", "Belkacem", "secretary", HOME, title="Mme"),
    _member("Élisabeth", "Martin", "coordinating_doctor", HOME, SITES[1], title="Dr", number=1),
    _member("Paul", "Arnould", "coordinating_doctor", HOME, title="Dr", number=2),
    _member("Sylvie", "Renaud", "coordinating_doctor", HOME, title="Dr", number=3),
    _member("Hugo", "Da Costa", "coordinating_doctor", HOME, title="Dr", number=4),
    _member("Julie", "Lambert", "nurse", HOME, title="Mme"),
    _member("Nicolas", "Perrin", "nurse", HOME, title="M."),
    _member("Fatou", "Sow", "nurse", HOME, title="Mme"),
    _member("Aurore", "Meunier", "nurse", HOME, title="Mme"),
    _member("Gaël", "Tissier", "administrator", *SITES, title="M."),
    *(
        _member(given, family, "secretary", site, title="Mme")
        for site, (given, family) in zip(SITES[1:], _OTHER_SECRETARIES, strict=True)
    ),
)


def mailboxes() -> Iterator[Mailbox]:
    """Two organisational mailboxes and the four doctors' own at Jean d'Orbais; one more at the second site."""
    at_home = [member for member in STAFF if any(place.site == HOME.key for place in member.memberships)]
    secretaries = _held_by(at_home, "secretary")
    nurses = _held_by(at_home, "nurse")
    coordinating = _held_by(at_home, "coordinating_doctor")
    yield _organisational(HOME, "secretariat", "Secrétariat médical", secretaries + coordinating)
    yield _organisational(HOME, "soins", "Équipe de soins", secretaries[:2] + nurses + coordinating)
    for member in at_home:
        if member.rpps:
            name = f"{member.title} {member.given} {member.family}, {HOME.name}"
            yield Mailbox(f"{member.username}@{HOME_DOMAIN}", "PER", name, HOME.key, (member.username,))
    other = SITES[1]
    holders = _held_by([member for member in STAFF if member.memberships[0].site == other.key], "secretary")
    yield _organisational(other, "secretariat", "Secrétariat médical", holders)


def _organisational(site: Site, service: str, label: str, holders: tuple[str, ...]) -> Mailbox:
    return Mailbox(f"{service}.{site.key}@{HOME_DOMAIN}", "ORG", f"{site.name} – {label}", site.key, holders)


def _held_by(members: list[StaffMember], role: Role) -> tuple[str, ...]:
    return tuple(member.username for member in members if any(place.role == role for place in member.memberships))

"""The frozen values of the leaflet's world: who is there, what they take, where their mail is.

Everything is fictive. Dates are values of the world, never today's: a world is the same whenever it is built.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from liaison.core.cda.values import Code
from liaison.core.people import Organisation, Patient, Professional

InsStatus = Literal["PROV", "RECUP", "VALI", "QUAL"]
Role = Literal["secretary", "nurse", "coordinating_doctor", "administrator"]
MailboxKind = Literal["PER", "ORG"]
Behaviour = Literal[
    "validates", "changes_a_line", "asks", "visits", "silent", "names", "inline", "clicks", "late", "thanks"
]
MailStyle = Literal["outlook", "thunderbird", "webmail", "phone", "plain"]

CIS_SYSTEM = "1.2.250.1.213.2.3.1"
ATC_SYSTEM = "2.16.840.1.113883.6.73"


def demo_password(name: str) -> str:
    """The one password rule of the demo: ``Liaison-`` and the user name, or what stands before the @ of an address."""
    return f"Liaison-{name.partition('@')[0]}"


@dataclass(frozen=True, slots=True)
class Drug:
    """One speciality: its brand, its DCI, and fictive but well-formed CIS code (never one of the real range)."""

    brand: str
    substance: str
    strength: str
    form: str
    route: str
    atc: str
    cis: str

    @property
    def label(self) -> str:
        return f"{self.brand} {self.strength}"

    @property
    def codes(self) -> tuple[Code, ...]:
        return (Code(self.cis, CIS_SYSTEM, self.label), Code(self.atc, ATC_SYSTEM, self.substance))


@dataclass(frozen=True, slots=True)
class Treatment:
    """One line of a resident's current treatment, in the words a prescription has."""

    drug: Drug
    dose: str
    frequency: str
    reason: str
    prescriber: str
    started_at: date
    as_needed: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """A nursing home. ``key`` is its short name in addresses; ``finess`` nine digits."""

    key: str
    name: str
    city: str
    finess: str

    @property
    def organisation(self) -> Organisation:
        return Organisation(f"1{self.finess}", self.name)


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident, with the traits the home holds. ``key`` is stable and says nothing of the person.

    ``ins`` is empty unless INSi was called (statuses RECUP and QUAL). ``allergies`` are agents, with the reaction.
    ``gp`` and ``specialists`` are RPPS numbers.
    """

    key: str
    site: str
    ins: str
    ins_oid: str
    ins_status: InsStatus
    birth_family: str
    birth_given: str
    given_names: str
    used_family: str
    used_given: str
    birth_date: date
    sex: Literal["F", "M"]
    birth_place: str
    room: str
    gp: str
    specialists: tuple[str, ...]
    treatments: tuple[Treatment, ...]
    allergies: tuple[tuple[str, str], ...]

    @property
    def patient(self) -> Patient:
        """The identity as the home would state it in a document: the matricule only when qualified (INS/va1.53)."""
        qualified = self.ins_status == "QUAL"
        return Patient(
            ins=self.ins if qualified else "",
            ins_oid=self.ins_oid if qualified else "",
            birth_family=self.birth_family,
            birth_given=self.birth_given,
            given_names=self.given_names,
            used_family=self.used_family,
            used_given=self.used_given,
            birth_date=self.birth_date.isoformat(),
            sex=self.sex,
            birth_place=self.birth_place,
        )


@dataclass(frozen=True, slots=True)
class Doctor:
    """A health professional outside the homes, with the mailbox he reads and the way he answers."""

    rpps: str
    title: str
    family: str
    given: str
    speciality: str
    city: str
    address: str
    behaviour: Behaviour
    mail_style: MailStyle

    @property
    def name(self) -> str:
        return f"{self.title} {self.given} {self.family}"

    @property
    def professional(self) -> Professional:
        return Professional(f"8{self.rpps}", self.family, self.given, speciality=self.speciality)


@dataclass(frozen=True, slots=True)
class HospitalDoctor:
    rpps: str
    family: str
    given: str
    speciality: str

    @property
    def name(self) -> str:
        return f"Dr {self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital: the service that sends, its sending mailbox, the doctors who sign.

    ``oid`` is the root of its own identifiers.
    """

    key: str
    name: str
    city: str
    finess: str
    oid: str
    service: str
    address: str
    doctors: tuple[HospitalDoctor, ...]
    public: bool = True

    @property
    def organisation(self) -> Organisation:
        return Organisation(f"1{self.finess}", self.name)

    def signer(self, doctor: HospitalDoctor) -> Professional:
        return Professional(f"8{doctor.rpps}", doctor.family, doctor.given, self.organisation, doctor.speciality)


@dataclass(frozen=True, slots=True)
class Membership:
    site: str
    role: Role


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who signs in to Liaison. ``rpps`` only for doctors."""

    username: str
    title: str
    given: str
    family: str
    memberships: tuple[Membership, ...]
    rpps: str = ""

    @property
    def password(self) -> str:
        return demo_password(self.username)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox of a home. An organisational one is opened with a certificate, a personal one with a password."""

    address: str
    kind: MailboxKind
    label: str
    site: str
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailOperator:
    """A mail operator and the domains it serves."""

    key: str
    name: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """The whole of it. The first site is Résidence Jean d'Orbais."""

    seed: int
    group: str
    sites: tuple[Site, ...]
    residents: tuple[Resident, ...]
    doctors: tuple[Doctor, ...]
    hospitals: tuple[Hospital, ...]
    staff: tuple[StaffMember, ...]
    mailboxes: tuple[Mailbox, ...]
    operators: tuple[MailOperator, ...]

    @property
    def home(self) -> Site:
        return self.sites[0]

    def residents_of(self, site: Site) -> tuple[Resident, ...]:
        return tuple(resident for resident in self.residents if resident.site == site.key)

    def site(self, key: str) -> Site:
        return next(site for site in self.sites if site.key == key)

    def resident(self, key: str) -> Resident:
        return next(resident for resident in self.residents if resident.key == key)

    def doctor(self, rpps: str) -> Doctor:
        return next(doctor for doctor in self.doctors if doctor.rpps == rpps)

    def hospital(self, key: str) -> Hospital:
        return next(hospital for hospital in self.hospitals if hospital.key == key)

    def operator_of(self, address: str) -> MailOperator:
        """The operator that serves the domain of an address; StopIteration when none does."""
        domain = address.rpartition("@")[2]
        return next(operator for operator in self.operators if domain in operator.domains)

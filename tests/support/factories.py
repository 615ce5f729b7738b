"""A small house for tests: sites, people, mailboxes, residents, made through the product's own acts."""

from datetime import UTC, date, datetime
from itertools import count

from liaison.apps.directory.actions import do_add_professional, do_trust_domains
from liaison.apps.directory.models import Professional
from liaison.apps.intake.actions import do_receive
from liaison.apps.intake.models import RawMessage
from liaison.apps.mailboxes.actions import do_add_operator, do_open_mailbox
from liaison.apps.mailboxes.connection import Credentials
from liaison.apps.mailboxes.imap import FetchedMessage
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.organisations.actions import do_add_site, do_add_user
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.residents.actions import do_register
from liaison.apps.residents.models import CareTeamMember, Resident
from liaison.apps.treatments.actions import do_record_current_treatment
from liaison.core.identity.ins import ins_key
from liaison.core.people import INS_TEST

PASSWORD = "Un-mot-de-passe-2026"
_numbers = count(1)


def make_site(name: str = "Résidence Jean d'Orbais", city: str = "Reims") -> Site:
    return do_add_site(group_name="PRO BTP", name=name, city=city, finess=f"51{next(_numbers):07d}")


def make_user(site: Site, role: Role = Role.SECRETARY, *, username: str = "") -> User:
    number = next(_numbers)
    rpps = f"10{number:09d}" if role == Role.COORDINATING_DOCTOR else ""
    return do_add_user(
        username=username or f"personne{number}",
        password=PASSWORD,
        title="Dr" if rpps else "Mme",
        given="Claire",
        family=f"Petit{number}",
        rpps=rpps,
        memberships=[(site, role)],
    )


def make_operator() -> Operator:
    do_trust_domains([("maison.mssante.fr", "essai"), ("hopital.mssante.fr", "essai"), ("ville.mssante.fr", "essai")])
    return do_add_operator(
        name=f"opérateur {next(_numbers)}",
        host="127.0.0.1",
        imap_port=1,
        smtp_port=1,
        security=Operator.Security.STARTTLS,
        authority_file="/nonexistent",
    )


def make_mailbox(site: Site, *holders: User, kind: Mailbox.Kind = Mailbox.Kind.ORGANISATIONAL) -> Mailbox:
    return do_open_mailbox(
        site=site,
        operator=make_operator(),
        kind=kind,
        label=f"{site.name} – Secrétariat",
        credentials=Credentials(f"bal{next(_numbers)}@maison.mssante.fr", password="secret"),
        holders=holders,
    )


def make_professional(speciality: str = "Médecine générale") -> Professional:
    number = next(_numbers)
    return do_add_professional(
        rpps=f"10{number:09d}",
        title="Dr",
        family=f"Morel{number}",
        given="Anne",
        speciality=speciality,
        city="Reims",
        addresses=[f"anne.morel{number}@ville.mssante.fr"],
    )


def make_ins(sex: str = "F", born: date = date(1938, 4, 12), place: str = "51454") -> str:
    """A matricule of its own; those below 200 are for tests that write theirs."""
    root = f"{'2' if sex == 'F' else '1'}{born:%y%m}{place}{200 + next(_numbers) % 800}"
    return root + ins_key(root)


def make_resident(site: Site, *, gp: Professional | None = None, **traits: str) -> Resident:
    identity = {
        "ins": make_ins(),
        "ins_oid": INS_TEST,
        "ins_status": Resident.InsStatus.QUALIFIED,
        "birth_family": "LEFÈVRE",
        "birth_given": "SUZANNE",
        "given_names": "SUZANNE MARIE",
        "birth_date": "1938-04-12",
        "sex": "F",
        "birth_place": "51454",
        "room": "112",
        **traits,
    }
    return do_register(site=site, identity=identity, care_team=[(gp, CareTeamMember.Role.GP)] if gp else [])


def take(
    resident: Resident, label: str, *, substance: str = "", dose: str = "1 cp", frequency: str = "le matin"
) -> None:
    """Give the resident a current treatment line."""
    do_record_current_treatment(
        resident,
        lines=[
            {
                "label": label,
                "substance": substance,
                "codes": [],
                "dose": dose,
                "frequency": frequency,
                "route": "orale",
                "started_at": date(2026, 1, 5),
            }
        ],
    )


def receive(mailbox: Mailbox, raw: bytes) -> RawMessage:
    """The message in the ledger, as a poll would have put it; not read yet."""
    fetched = FetchedMessage(uid=next(_numbers), raw=raw, received_at=datetime.now(UTC))
    return do_receive(mailbox, uid_validity=1, fetched=fetched)

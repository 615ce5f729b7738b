"""The leaflet's world written in the product's database, through the same acts as anybody's."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.db import transaction

from liaison.apps.directory.actions import do_add_professional, do_trust_domains
from liaison.apps.directory.models import Professional
from liaison.apps.mailboxes.actions import do_add_operator, do_open_mailbox
from liaison.apps.mailboxes.connection import Credentials
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.organisations.actions import do_add_site, do_add_user
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.residents.actions import do_register
from liaison.apps.residents.identity import do_change_identity
from liaison.apps.residents.models import CareTeamMember, Resident, Source
from liaison.apps.treatments.actions import do_record_current_treatment
from liaison.demo.directory_seed import seed_directory
from liaison.demo.identity_cases import corrected, correction, typed_twice
from liaison.demo.operator.config import OperatorConfig
from liaison.demo.pki import Authority
from liaison.demo.software.diary import local_id
from liaison.demo.world.values import Mailbox as WorldMailbox
from liaison.demo.world.values import Resident as WorldResident
from liaison.demo.world.values import World, demo_password


def is_seeded() -> bool:
    return Site.objects.exists()


@transaction.atomic
def seed(
    world: World, operators: Mapping[str, OperatorConfig], authority: Authority, say: Callable[[str], None]
) -> None:
    """Write the whole world, or nothing."""
    sites = {
        site.key: do_add_site(group_name=world.group, name=site.name, city=site.city, finess=site.finess)
        for site in world.sites
    }
    say(f"{len(sites)} établissements")
    users = _add_staff(world, sites)
    say(f"{len(users)} personnes")
    do_trust_domains([(domain, operator.name) for operator in world.operators for domain in operator.domains])
    professionals = _add_doctors(world)
    say(f"{len(professionals)} médecins de ville")
    _open_mailboxes(world, operators, authority, sites, users)
    for resident in world.residents:
        _register(resident, sites[resident.site], professionals)
    _trouble_identities(world, sites, professionals)
    say(f"{len(world.residents)} résidents")
    home = world.sites[0]
    keeper = next(users[one.username] for one in world.staff if one.memberships[0].site == home.key)
    seed_directory(world, professionals, sites[home.key], keeper, say)


def _add_staff(world: World, sites: Mapping[str, Site]) -> dict[str, User]:
    return {
        member.username: do_add_user(
            username=member.username,
            password=member.password,
            title=member.title,
            given=member.given,
            family=member.family,
            rpps=member.rpps,
            memberships=[(sites[place.site], Role(place.role)) for place in member.memberships],
        )
        for member in world.staff
    }


def _add_doctors(world: World) -> dict[str, Professional]:
    return {
        doctor.rpps: do_add_professional(
            rpps=doctor.rpps,
            title=doctor.title,
            family=doctor.family,
            given=doctor.given,
            speciality=doctor.speciality,
            city=doctor.city,
            addresses=[doctor.address],
        )
        for doctor in world.doctors
    }


def _open_mailboxes(
    world: World,
    operators: Mapping[str, OperatorConfig],
    authority: Authority,
    sites: Mapping[str, Site],
    users: Mapping[str, User],
) -> None:
    rows = {key: _declare_operator(config, authority) for key, config in operators.items()}
    for mailbox in world.mailboxes:
        do_open_mailbox(
            site=sites[mailbox.site],
            operator=rows[world.operator_of(mailbox.address).key],
            kind=Mailbox.Kind(mailbox.kind),
            label=mailbox.label,
            credentials=_credentials(mailbox, authority),
            holders=[users[username] for username in mailbox.holders],
        )


def _credentials(mailbox: WorldMailbox, authority: Authority) -> Credentials:
    """A machine opens an organisational mailbox with a certificate; a personal one has its holder's password."""
    if mailbox.kind == "PER":
        return Credentials(mailbox.address, password=demo_password(mailbox.address))
    credential = authority.client_certificate(mailbox.address)
    return Credentials(mailbox.address, certificate_file=str(credential.certificate), key_file=str(credential.key))


def _declare_operator(config: OperatorConfig, authority: Authority) -> Operator:
    if config.imap_port is None or config.smtp_port is None:
        raise ValueError(f"operator {config.name} opens no STARTTLS port")
    return do_add_operator(
        name=config.name,
        host=config.host,
        imap_port=config.imap_port,
        smtp_port=config.smtp_port,
        security=Operator.Security.STARTTLS,
        authority_file=str(authority.certificate),
    )


def _trouble_identities(world: World, sites: Mapping[str, Site], professionals: Mapping[str, Professional]) -> None:
    """What homes live with: one resident typed twice, one whose identity was put right since."""
    twice = typed_twice(world)
    _register(replace(twice, key=f"{twice.key}-bis", room="", treatments=()), sites[twice.site], professionals)
    changed = Resident.objects.get(site=sites[corrected(world).site], local_id=local_id(corrected(world)))
    do_change_identity(
        changed, source=Source.HL7, traits=correction(world), reason="Acte de naissance produit par la famille"
    )


def _register(resident: WorldResident, site: Site, professionals: Mapping[str, Professional]) -> None:
    registered = do_register(
        site=site,
        identity={
            "local_id": local_id(resident),
            "ins": resident.ins,
            "ins_oid": resident.ins_oid,
            "ins_status": Resident.InsStatus(resident.ins_status),
            "birth_family": resident.birth_family,
            "birth_given": resident.birth_given,
            "given_names": resident.given_names,
            "used_family": resident.used_family,
            "used_given": resident.used_given,
            "birth_date": resident.birth_date.isoformat(),
            "sex": Resident.Sex(resident.sex),
            "birth_place": resident.birth_place,
            "room": resident.room,
        },
        care_team=[
            (professionals[resident.gp], CareTeamMember.Role.GP),
            *((professionals[rpps], CareTeamMember.Role.SPECIALIST) for rpps in resident.specialists),
        ],
    )
    do_record_current_treatment(registered, lines=_lines(resident))


def _lines(resident: WorldResident) -> list[dict[str, object]]:
    return [
        {
            "label": treatment.drug.label,
            "substance": treatment.drug.substance,
            "codes": [{"code": code.code, "system": code.system, "label": code.label} for code in treatment.drug.codes],
            "dose": treatment.dose,
            "frequency": treatment.frequency,
            "route": treatment.drug.route,
            "as_needed": treatment.as_needed,
            "reason": treatment.reason,
            "prescriber": treatment.prescriber,
            "started_at": treatment.started_at,
        }
        for treatment in resident.treatments
    ]

"""The demo's copies of the national files, and two doctors that show why they matter: one away, one without mailbox."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils import timezone

from liaison.apps.directory.absences import do_record_absence
from liaison.apps.directory.adopting import Declared, do_declare
from liaison.apps.directory.imports import do_import_extraction
from liaison.apps.directory.models import Professional
from liaison.apps.directory.trust import do_take_allow_list
from liaison.apps.organisations.models import Site, User
from liaison.apps.residents.care_team import do_add_to_care_team
from liaison.apps.residents.models import CareTeamMember, Resident
from liaison.core.directory.allow_list import NAMESPACE
from liaison.core.directory.values import Listed
from liaison.demo.directory import domains_of, write_extraction
from liaison.demo.neighbours import NEIGHBOURS
from liaison.demo.world.values import Doctor, World

LINES = 12_000
AWAY = "Cardiologie"
ONE_IN = 6
WITHOUT_MAILBOX = Declared(
    "Villemin",
    "Lucienne",
    "Dr",
    profession="Médecin",
    speciality="Dermatologie",
    street="8 rue Chanzy",
    postal_code="51100",
    city="Reims",
    phone="03 26 00 00 00",
)


def seed_directory(
    world: World, professionals: Mapping[str, Professional], site: Site, keeper: User, say: Callable[[str], None]
) -> None:
    """Put an extraction and an allow list of made-up people in service, the world's doctors among them."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "extraction.zip"
        write_extraction(path, LINES, seed=world.seed, listed=[*map(_listed, world.doctors), *NEIGHBOURS])
        edition = do_import_extraction(path)
    do_take_allow_list(_allow_list(world), published_at=timezone.now() - timedelta(days=1))
    say(f"{edition.entries} adresses dans la copie de l'annuaire")
    _send_on_holiday(world, professionals, site, keeper)
    _declare_without_mailbox(site, keeper)


def _listed(doctor: Doctor) -> Listed:
    return Listed(
        "PER",
        doctor.address,
        f"8{doctor.rpps}",
        title="Docteur",
        family=doctor.family.upper(),
        given=doctor.given,
        profession="Médecin",
        speciality=doctor.speciality,
        structure=f"CABINET DU DR {doctor.family.upper()}",
        structure_id="1510000000",
        street="1 PLACE DU MARCHE",
        postal_code="51100",
        city=doctor.city.upper(),
        dematerialised=True,
    )


def _allow_list(world: World) -> bytes:
    """The published list knows the operators of the extraction; those of the demo, too."""
    domains = [*domains_of(world.seed), *(domain for operator in world.operators for domain in operator.domains)]
    names = "".join(f"<Domaine><Nom>{domain}</Nom></Domaine>" for domain in domains)
    return f'<ListeBlanche xmlns="{NAMESPACE}">{names}</ListeBlanche>'.encode()


def _send_on_holiday(world: World, professionals: Mapping[str, Professional], site: Site, keeper: User) -> None:
    """The first cardiologist is away for a fortnight; the other one stands in."""
    first, second, *_ = [doctor for doctor in world.doctors if doctor.speciality == AWAY]
    today = timezone.localdate()
    do_record_absence(
        professionals[first.rpps],
        site=site,
        user=keeper,
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=12),
        replacement=professionals[second.rpps],
        note="Congés",
    )


def _declare_without_mailbox(site: Site, keeper: User) -> None:
    doctor = do_declare(WITHOUT_MAILBOX, site=site, user=keeper)
    for resident in Resident.objects.filter(site=site).order_by("pk")[::ONE_IN]:
        do_add_to_care_team(resident, professional=doctor, role=CareTeamMember.Role.SPECIALIST, user=keeper)

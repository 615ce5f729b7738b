"""Each twist of the hospitals is what the product must recognise: read back, and judged by the rules of the core."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from liaison.core.cda.values import CdaDocument
from liaison.core.conformance.decree import checklist, lacking
from liaison.core.contradictions import CONTRADICTIONS
from liaison.core.reading import Reading, read_message
from liaison.core.versions.decide import Arrival, Version, decide_version
from liaison.demo.hospital.twists import STEPS, TWISTS, Setting, Twist, compose_twist
from liaison.demo.pki import Authority, ensure_authority
from liaison.demo.world import build_world

WORLD = build_world()
NOW = datetime(2026, 11, 22, 15, 4, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return ensure_authority(Path(tmp_path_factory.mktemp("pki")))


@pytest.fixture
def setting(authority: Authority) -> Setting:
    residents = WORLD.residents_of(WORLD.home)
    return Setting(WORLD, residents[20], residents[21], NOW, NOW, authority)


def readings(setting: Setting, twist: Twist) -> list[Reading]:
    """Its steps, an hour apart."""
    moments = [replace(setting, now=NOW + timedelta(hours=step)) for step in range(STEPS[twist])]
    sendings = [compose_twist(moment, twist=twist, step=step) for step, moment in enumerate(moments)]
    return [read_message(sending.raw) for sending in sendings]


def arrival_of(reading: Reading) -> Arrival:
    document = reading.documents[0]
    assert isinstance(document.cda, CdaDocument)
    cda = document.cda
    writers = {one for author in cda.authors for one in (author.id, author.organisation.id) if one}
    version = Version(
        key=reading.mail.message_id,
        document_id=str(cda.id),
        set_id=str(cda.set_id),
        number=cda.version,
        sha256=document.sha256,
        writers=frozenset(writers),
    )
    return Arrival(version, tuple(str(one) for one in cda.replaces), reading.requested_action)


@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        ("copied", "duplicate"),
        ("corrected", "replaces"),
        ("overtaken", "obsolete"),
        ("cancelled", "cancels"),
        ("orphan", "not_the_last"),
        ("usurped", "other_author"),
    ],
)
def test_the_last_step_of_a_twist_is_what_its_name_says(setting: Setting, twist: Twist, kind: str) -> None:
    *before, last = (arrival_of(reading) for reading in readings(setting, twist))
    assert decide_version(last, [each.version for each in before]).kind == kind


def test_one_archive_of_two_patients_gives_two_documents_that_contradict_their_message(setting: Setting) -> None:
    (reading,) = readings(setting, "two_patients")
    families = {one.claim.birth_family for one in reading.documents if one.claim}
    assert len(reading.documents) == len(families) == 2
    notices = [notice.code for one in reading.documents for notice in one.notices] + [
        one.code for one in reading.notices
    ]
    assert CONTRADICTIONS & set(notices)


def test_a_poor_letter_lacks_what_the_decree_asks_for(setting: Setting) -> None:
    (reading,) = readings(setting, "lacking")
    source = next(leaf for leaf in reading.mail.leaves if leaf.path == reading.documents[0].leaf_path)
    assert len(lacking(checklist(source.content))) >= 3


def test_an_invitation_names_nobody(setting: Setting) -> None:
    (reading,) = readings(setting, "not_medical")
    assert reading.documents[0].claim is None


def test_no_two_messages_bear_the_same_number(setting: Setting) -> None:
    numbers = [reading.mail.message_id for twist in TWISTS for reading in readings(setting, twist)]
    assert len(set(numbers)) == len(numbers)

"""A person takes a resident in or corrects an identity: from a document of identity and the INSi service."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass

from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.actions import do_register
from liaison.apps.residents.identity import CHECKED_TRAITS, do_change_identity
from liaison.apps.residents.models import IdentityChange, Resident, Source
from liaison.apps.residents.names import identity_of
from liaison.core.identity.status import PROOFS, status_after, status_faults
from liaison.core.identity.traits import LocalIdentity

NAMESAKE_HERE = "Un résident porte déjà ces nom, prénom et date de naissance : dites si c'est une autre personne."


@dataclass(frozen=True, slots=True)
class Checked:
    """What the person checked: the document of identity seen (a key of PROOFS, or none), the INSi service called."""

    proof: str = ""
    insi_called: bool = False

    @property
    def words(self) -> str:
        said = [PROOFS.get(self.proof, ""), "INSi interrogé" if self.insi_called else ""]
        return ", ".join(part for part in said if part)


@transaction.atomic
def do_correct_identity(
    resident: Resident, *, user: User, traits: Mapping[str, str], checked: Checked, homonym: bool, reason: str
) -> IdentityChange | None:
    """Write what a person corrects, with the status that what was checked gives it (RNIV EXI SI 07 to 09).

    ``traits`` may hold ``doubt``: a doubtful or fictive identity is provisional and bears no INS. None when nothing
    changes but the attribute « homonyme ». Raises NotAllowed, NotPossible.
    """
    begin(resident.site)
    _check_allowed(user, resident.site)
    if not reason.strip():
        raise NotPossible("Dites pourquoi l'identité est corrigée.")
    locked = Resident.objects.select_for_update(of=["self"]).select_related("site").get(pk=resident.pk)
    _check_standing(locked)
    wanted = _with_status(identity_of(locked), dict(traits), checked)
    _check_sound(locked, wanted)
    said = f"{reason.strip()} (vu : {checked.words})" if checked.words else reason.strip()
    change = do_change_identity(locked, source=Source.PERSON, traits=wanted, reason=said, user=user)
    if homonym != locked.homonym:
        Resident.objects.filter(pk=locked.pk).update(homonym=homonym)
        record("homonym_changed", locked, site=locked.site, user=user, resident=locked, homonym=homonym)
    return change


@transaction.atomic
def do_take_in(
    site: Site, *, user: User, traits: Mapping[str, str], checked: Checked, room: str, another_person: bool = False
) -> Resident:
    """A person takes a resident in.

    The matricule of another resident is refused; so are his names and birth date, unless the person says that they are
    two. Raises NotAllowed, NotPossible.
    """
    begin(site)
    _check_allowed(user, site)
    wanted = _with_status(LocalIdentity("", str(site.pk)), dict(traits), checked)
    resident = Resident(site=site, room=room)
    _check_sound(resident, wanted)
    _check_new(site, wanted, another_person)
    taken_in = do_register(site=site, identity={**wanted, "room": room}, care_team=[], user=user)
    if checked.words:
        said = {"proof": checked.proof, "insi": checked.insi_called}
        record("identity_checked", taken_in, site=site, user=user, resident=taken_in, **said)
    return taken_in


def _with_status(held: LocalIdentity, traits: dict[str, str], checked: Checked) -> dict[str, str]:
    """The traits as they are to be written: the status is that of what was checked, doubt takes the INS away."""
    if traits.get("doubt"):
        return {**traits, "ins": "", "ins_oid": "", "ins_status": "PROV"}
    changed = any(getattr(held, name) != value for name, value in traits.items() if name in CHECKED_TRAITS)
    status = status_after(
        held.ins_status, traits_changed=changed, insi_called=checked.insi_called, document_seen=bool(checked.proof)
    )
    return {**traits, "ins_status": status}


def _check_allowed(user: User, site: Site) -> None:
    if not may_file(user, site):
        raise NotAllowed("Votre rôle ne permet pas de changer une identité dans cet établissement.")


def _check_standing(resident: Resident) -> None:
    if resident.merged_into_id is not None:
        raise NotPossible("Ce dossier est fusionné avec un autre : corrigez celui-là.")


def _check_sound(resident: Resident, wanted: dict[str, str]) -> None:
    """Against the record as it would be, which is not saved here."""
    would_be = copy(resident)
    for name, value in wanted.items():
        setattr(would_be, name, value)
    for fault in status_faults(identity_of(would_be)):
        raise NotPossible(fault.message)


def _check_new(site: Site, wanted: dict[str, str], another_person: bool) -> None:
    standing = Resident.objects.filter(site=site, merged_into__isnull=True)
    if wanted.get("ins") and standing.filter(ins=wanted["ins"]).exists():
        raise NotPossible("Un résident de l'établissement porte déjà ce matricule INS.")
    same = {name: wanted.get(name, "") for name in ("birth_family", "birth_given", "birth_date")}
    if not another_person and standing.filter(**same).exists():
        raise NotPossible(
            "Un résident porte déjà ces nom, prénom et date de naissance : dites si c'est une autre personne."
        )

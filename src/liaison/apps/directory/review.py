"""Looking again at the addresses we know: against the copy in service, and against the trust circle."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.adopting import check_may_keep
from liaison.apps.directory.models import DirectoryEntry, ProfessionalAddress, TrustedDomain
from liaison.apps.directory.queries import domain_of, has_directory
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import NotPossible
from liaison.core.directory.choice import ASKS_A_PERSON, Standing, Watched, standing_of

AT_ONCE = 1_000
Address = ProfessionalAddress


def standings_of(addresses: Iterable[Address]) -> dict[int, Standing]:
    """What the directory says now of each address, by its number; the same few queries however many there are."""
    wanted = list(addresses)
    emails = {address.email.lower() for address in wanted}
    holders = _holders(emails)
    trusted = _trusted({domain_of(email) for email in emails})
    has_copy = has_directory()
    return {
        address.pk: standing_of(
            Watched(address.professional.national_id, address.seen_at is not None, address.confirmed_for),
            holders.get(address.email.lower(), ()),
            has_copy=has_copy,
            trusted=domain_of(address.email) in trusted,
        )
        for address in wanted
    }


def standing_now(address: Address) -> Standing:
    return standings_of([address])[address.pk]


def _holders(emails: set[str]) -> dict[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = DirectoryEntry.objects.filter(email__in=emails).values_list("email", "national_id")
    for email, national_id in rows:
        found[email].append(national_id)
    return dict(found)


def _trusted(domains: set[str]) -> set[str]:
    return set(TrustedDomain.objects.filter(domain__in=domains).values_list("domain", flat=True))


def do_review_addresses() -> int:
    """Look again at every address we know after a new copy; how many changed for the worse.

    What vanished or changed hands is marked with the time it was noticed; what is back is cleared. Each change is a
    line of the house's journal.
    """
    worse = 0
    numbers = list(Address.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(numbers), AT_ONCE):
        worse += _review(numbers[start : start + AT_ONCE])
    return worse


@transaction.atomic
def _review(numbers: list[int]) -> int:
    begin(None)
    rows = Address.objects.select_for_update(of=["self"]).select_related("professional").filter(pk__in=numbers)
    addresses = list(rows)
    standings = standings_of(addresses)
    return sum(_note(address, standings[address.pk]) for address in addresses)


def _note(address: Address, standing: Standing) -> bool:
    """Write what was found in the row; whether the address is worse than it was."""
    if standing == Standing.LISTED:
        _mark_seen(address)
        return False
    problem = address.confirmed_for if standing == Standing.CONFIRMED else str(standing)
    if standing not in {*ASKS_A_PERSON, Standing.CONFIRMED} or address.problem == problem:
        return False
    address.problem, address.problem_since = problem, timezone.now()
    address.save(update_fields=["problem", "problem_since"])
    record(f"address_{problem}", address, site=None)
    return True


def _mark_seen(address: Address) -> None:
    back = bool(address.problem)
    address.seen_at, address.problem, address.problem_since = timezone.now(), "", None
    address.confirmed_for, address.confirmed_by, address.confirmed_at = "", None, None
    address.save()
    if back:
        record("address_back", address, site=None)


@transaction.atomic
def do_confirm_address(address: Address, *, site: Site, user: User) -> None:
    """A person has checked a vanished or changed address with its owner: it may be used all the same."""
    begin(site)
    check_may_keep(user, site)
    locked = Address.objects.select_for_update(of=["self"]).select_related("professional").get(pk=address.pk)
    standing = confirm(locked, user)
    record("address_confirmed", locked, site=site, user=user, standing=str(standing))


def confirm(address: Address, user: User) -> Standing:
    """Note the confirmation, inside the transaction of the act. Raises NotPossible when there is nothing to confirm."""
    standing = standing_now(address)
    if standing not in ASKS_A_PERSON:
        raise NotPossible("Cette adresse n'est pas à vérifier.")
    address.confirmed_for, address.confirmed_by, address.confirmed_at = str(standing), user, timezone.now()
    address.problem, address.problem_since = str(standing), address.problem_since or timezone.now()
    address.save()
    return standing

"""What changes the directory."""

from collections.abc import Sequence

from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.models import Professional, ProfessionalAddress, TrustedDomain
from liaison.core.directory.allow_list import domain_key


@transaction.atomic
def do_add_professional(
    *,
    rpps: str,
    title: str,
    family: str,
    given: str,
    speciality: str,
    city: str,
    addresses: Sequence[str],
) -> Professional:
    """Declare a professional and his MSSanté addresses, the preferred one first."""
    begin(None)
    professional = Professional.objects.create(
        rpps=rpps,
        national_id=f"8{rpps}" if rpps else "",
        title=title,
        family=family,
        given=given,
        speciality=speciality,
        city=city,
    )
    ProfessionalAddress.objects.bulk_create(
        ProfessionalAddress(professional=professional, email=email.lower(), preferred=position == 0)
        for position, email in enumerate(addresses)
    )
    record("professional_added", professional, site=None, addresses=len(addresses))
    return professional


@transaction.atomic
def do_trust_domains(domains: Sequence[tuple[str, str]]) -> int:
    """Add these (domain, operator) to the trust circle; those already there stay."""
    begin(None)
    added = TrustedDomain.objects.bulk_create(
        [TrustedDomain(domain=domain_key(domain), operator=operator) for domain, operator in domains],
        ignore_conflicts=True,
    )
    if added:
        record("domains_trusted", added[0], site=None, domains=len(added))
    return len(added)

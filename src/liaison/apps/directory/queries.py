"""Questions to the directory."""

from django.db.models import Q

from liaison.apps.directory.models import Professional, ProfessionalAddress, TrustedDomain


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def is_trusted_address(address: str) -> bool:
    """Whether the address belongs to the MSSanté trust circle (liste blanche)."""
    return TrustedDomain.objects.filter(domain=domain_of(address)).exists()


def professional_of(address: str) -> Professional | None:
    found = ProfessionalAddress.objects.filter(email__iexact=address).select_related("professional").first()
    return found.professional if found else None


def search_professionals(text: str, limit: int = 10) -> list[Professional]:
    """Professionals with an address, by the beginning of each word typed: name, given name, speciality or town."""
    found = Professional.objects.filter(addresses__isnull=False)
    for word in text.split():
        found = found.filter(_word_in_any_field(word))
    return list(found.distinct().order_by("family", "given")[:limit])


def _word_in_any_field(word: str) -> Q:
    fields = ("family", "given", "speciality", "city")
    return Q(*((f"{field}__unaccent__istartswith", word) for field in fields), _connector=Q.OR)

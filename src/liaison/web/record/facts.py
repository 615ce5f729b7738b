"""What the letters in a record say of the resident, as its screen shows it."""

from typing import Any

from liaison.apps.filing.models import StatedFact
from liaison.apps.organisations.access import access_facts
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import Resident


def facts_of(resident: Resident, user: User) -> dict[str, Any]:
    facts = list(access_facts(user).filter(resident=resident).select_related("document"))
    return {"facts": facts, "carriage": [fact for fact in facts if fact.kind == StatedFact.Kind.CARRIAGE]}

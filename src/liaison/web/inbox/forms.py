"""The filters of the inbox."""

from django import forms
from django.db.models import QuerySet

from liaison.apps.intake.models import RawMessage
from liaison.apps.mailboxes.models import Mailbox

TO_DO, DONE, ALL = "a-traiter", "traites", "tous"
HANDLINGS = ((TO_DO, "À traiter"), (DONE, "Traités"), (ALL, "Tous"))
NEWEST, TO_DO_FIRST = "recents", "a-traiter"
ORDERS = ((NEWEST, "Les plus récents d'abord"), (TO_DO_FIRST, "À traiter d'abord"))


class InboxFilter(forms.Form):
    """All optional; a value that is none of ours counts as not given."""

    bal = forms.UUIDField(required=False)
    voir = forms.ChoiceField(choices=HANDLINGS, required=False)
    ordre = forms.ChoiceField(choices=ORDERS, required=False)

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        mailbox = self.cleaned_data.get("bal")
        return {
            "bal": str(mailbox) if mailbox else "",
            "voir": self.cleaned_data.get("voir") or TO_DO,
            "ordre": self.cleaned_data.get("ordre") or NEWEST,
        }


def narrowed(messages: QuerySet[RawMessage], chosen: dict[str, str]) -> QuerySet[RawMessage]:
    """The messages the filters leave, in the order asked."""
    if chosen["bal"]:
        messages = messages.filter(mailbox__in=Mailbox.objects.filter(uuid=chosen["bal"]))
    if chosen["voir"] != ALL:
        wanted = RawMessage.Handling.TO_DO if chosen["voir"] == TO_DO else RawMessage.Handling.DONE
        messages = messages.filter(handling=wanted)
    newest = ("-received_at", "-id")
    return messages.order_by("-handling", *newest) if chosen["ordre"] == TO_DO_FIRST else messages.order_by(*newest)

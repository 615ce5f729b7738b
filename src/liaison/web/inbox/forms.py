"""The filters of the inbox."""

from django import forms

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

"""The words of ``liaison.web.words`` for templates."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from liaison.apps.treatments.words import intake
from liaison.web import words

register = template.Library()
register.filter("media", words.media)
register.filter("matricule", words.matricule)
register.filter("queue_word", words.queue_word)
register.filter("dosage", words.dosage)
register.filter("intake", intake)


@register.filter
def stated_date(value: str | date | None) -> str:
    return words.stated_date(value)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A date and time as a ``<time>`` element."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words.moment(value)) if value else ""


@register.filter
def age(value: datetime | None) -> SafeString | str:
    """How long ago, as a ``<time>`` element whose title is the exact moment."""
    if not value:
        return ""
    written = words.age(value, timezone.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), words.moment(value), written)


@register.filter
def counted(number: int, forms: str) -> str:
    """``{{ 3|counted:"message" }}``, or ``"journal,journaux"`` where the plural is irregular."""
    singular, _, plural = forms.partition(",")
    return words.count(number, singular, plural)


@register.filter
def seconds(value: float | str | None) -> str:
    """``0,4 s``; a dash for a step that was not made."""
    return f"{value:.1f} s".replace(".", ",") if isinstance(value, float) else "—"


@register.filter
def at_key(values: dict[Any, Any], key: Any) -> Any:
    return values.get(key)

"""Pages of fifty rows."""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)

ROWS = 50


def page_of(request: HttpRequest, rows: QuerySet[Row], size: int = ROWS) -> "Page[Row]":
    """The page asked by ``?page=``; the nearest one when there is no such page."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def address(request: HttpRequest, **changes: str | int) -> str:
    """The same screen's query with these parameters changed; an empty value takes its parameter away."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = str(value)
    return f"?{query.urlencode()}"

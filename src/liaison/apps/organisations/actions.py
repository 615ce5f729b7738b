"""What changes the house: groups, sites, the people and their roles."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.organisations.models import Group, Membership, Role, Site, User


@transaction.atomic
def do_add_site(*, group_name: str, name: str, city: str, finess: str) -> Site:
    """Declare a nursing home; its group is made with its first site."""
    group, _ = Group.objects.get_or_create(name=group_name)
    site = Site.objects.create(group=group, name=name, city=city, finess=finess)
    record("site_added", site, site=site)
    return site


@transaction.atomic
def do_add_user(
    *,
    username: str,
    password: str,
    title: str,
    given: str,
    family: str,
    rpps: str,
    memberships: Sequence[tuple[Site, Role]],
) -> User:
    """Give a person an account and a role at each of these sites."""
    for site, _ in sorted(memberships, key=lambda membership: membership[0].pk):
        begin(site)
    user = User.objects.create_user(
        username=username, password=password, title=title, first_name=given, last_name=family, rpps=rpps
    )
    Membership.objects.bulk_create(Membership(user=user, site=site, role=role) for site, role in memberships)
    for site, role in memberships:
        record("user_added", user, site=site, role=role)
    return user


@transaction.atomic
def do_choose_automatic_filing(site: Site, *, user: User, automatic: bool) -> None:
    """Switch on or off, for a site, the filing of certain identities without a person (rule 1 alone)."""
    begin(site)
    Site.objects.filter(pk=site.pk).update(files_certain_matches=automatic)
    record("automatic_filing_chosen", site, site=site, user=user, automatic=automatic)


@transaction.atomic
def do_note_presence(user: User, *, present: bool, by: str = "") -> None:
    """A person signed in or out: in the journal of each site where he works. ``by``: the door, if no password."""
    sites = list(Site.objects.filter(memberships__user=user).distinct().order_by("pk"))
    for site in sites:
        begin(site)
    details: dict[str, Any] = {"by": by} if by else {}
    for site in sites:
        record("signed_in" if present else "signed_out", user, site=site, user=user, **details)

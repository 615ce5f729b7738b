"""What the letters ask for, on the first screens of those who do it."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from liaison.apps.residents.models import FollowUpTask
from tests.web.conftest import House, Visitor, make_house


def due(house: House, days: int) -> FollowUpTask:
    """The consultation a letter asks for, to be looked at in so many days."""
    house.filed_letter(with_pdf=False)
    house.resident.follow_up_tasks.exclude(kind=FollowUpTask.Kind.FOLLOW_UP).delete()
    task = house.resident.follow_up_tasks.get()
    FollowUpTask.objects.filter(pk=task.pk).update(look_on=timezone.localdate() + timedelta(days=days))
    return task


def test_what_is_late_is_on_the_first_screen_of_a_nurse_and_done_in_one_act(house: House, nurse: Visitor) -> None:
    task = due(house, -2)
    assert "1 suite à donner" in nurse.get(reverse("inbox")).content.decode()
    page = nurse.get(reverse("tasks")).content.decode()
    assert "En retard : 1" in page
    assert house.resident.display_name in page
    nurse.post(reverse("task-complete", args=[task.pk]))
    assert "En retard" not in nurse.get(reverse("tasks")).content.decode()
    assert "à donner" not in nurse.get(reverse("inbox")).content.decode()
    assert "1 suite faite" in nurse.get(reverse("tasks")).content.decode()
    nurse.post(reverse("task-reopen", args=[task.pk]))
    assert "En retard : 1" in nurse.get(reverse("tasks")).content.decode()


def test_what_is_put_off_leaves_the_first_screen_until_its_day(house: House, nurse: Visitor) -> None:
    task = due(house, 0)
    assert "Aujourd&#x27;hui : 1" in nurse.get(reverse("tasks")).content.decode()
    later = timezone.localdate() + timedelta(days=30)
    nurse.post(reverse("task-put-off", args=[task.pk]), {"jour": later.isoformat()})
    assert "Rien à faire" in nurse.get(reverse("tasks")).content.decode()
    refused = nurse.post(reverse("task-put-off", args=[task.pk]), {"jour": "demain"}, follow=True)
    assert "Choisissez un jour." in refused.content.decode()


def test_a_task_shows_its_letter_and_its_place_in_it(house: House, nurse: Visitor) -> None:
    task = due(house, 1)
    page = nurse.get(reverse("tasks")).content.decode()
    address = f"{reverse('document', args=[task.document.uuid])}#section-18776-5"
    assert address in page
    assert 'id="section-18776-5"' in nurse.get(address.partition("#")[0]).content.decode()


def test_the_tasks_of_another_home_are_not_shown(nurse: Visitor) -> None:
    due(make_house(), -1)
    assert "Rien à faire" in nurse.get(reverse("tasks")).content.decode()

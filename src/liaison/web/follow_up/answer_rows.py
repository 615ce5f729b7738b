"""What the screen of an exchange shows of one addressee's answers, and what a person may do about them."""

from dataclasses import dataclass

from django.utils import timezone

from liaison.apps.exchanges.models import AnswerLink, Recipient
from liaison.web.follow_up.answer_forms import SpokenForm
from liaison.web.follow_up.rows import ReplyLine, reply_line


@dataclass(frozen=True, slots=True)
class Answers:
    """His answers with their remarks, his answering pages, and the form to write down what he says."""

    replies: tuple[ReplyLine, ...]
    links: tuple[AnswerLink, ...]
    has_open_link: bool
    spoken_form: SpokenForm


def answers_of(recipient: Recipient) -> Answers:
    links = tuple(recipient.links.select_related("withdrawn_by"))
    now = timezone.now()
    name = str(recipient.professional or recipient.address)
    replies = recipient.replies.select_related("message", "handled_by", "matched_by_person", "recipient__transmission")
    return Answers(
        replies=tuple(reply_line(reply, remarked=True) for reply in replies),
        links=links,
        has_open_link=any(link.withdrawn_at is None and link.expires_at > now for link in links),
        spoken_form=SpokenForm(speaker=name, key=recipient.pk),
    )

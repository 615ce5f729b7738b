"""The exchanges' jobs."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from liaison.apps.queue import PASSING_TROUBLE, SOONER, offer


@app.task(name="send_recipient", queue="sending", priority=SOONER, retry=PASSING_TROUBLE)
def send_recipient(*, recipient: int) -> None:
    """Give one prepared message to the server."""
    from liaison.apps.exchanges.actions import do_deliver
    from liaison.apps.exchanges.models import Recipient

    do_deliver(Recipient.objects.get(pk=recipient))


@app.task(name="send_answer", queue="sending", priority=SOONER, retry=PASSING_TROUBLE)
def send_answer(*, answer: int) -> None:
    """Give one answer to a sender to the server."""
    from liaison.apps.exchanges.models import Answer
    from liaison.apps.exchanges.outgoing import do_give

    do_give(Answer.objects.select_related("original__mailbox__operator", "original__site").get(pk=answer))


@app.task(name="send_note", queue="sending", priority=SOONER, retry=PASSING_TROUBLE)
def send_note(*, note: int) -> None:
    """Give one note to the server."""
    from liaison.apps.exchanges.models import Note
    from liaison.apps.exchanges.outgoing import do_give

    do_give(Note.objects.select_related("mailbox__operator", "site").get(pk=note))


@app.periodic(cron="* * * * * */20")
@app.task(name="sweep_sendings", queue="sweeps", priority=SOONER, queueing_lock="sweep_sendings")
def sweep_sendings(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Offer again what waits to be sent, and show what was lost on the way."""
    from liaison.apps.exchanges.actions import do_note_lost_sendings, sendings_to_offer
    from liaison.apps.exchanges.models import Answer, Note
    from liaison.apps.exchanges.outgoing import do_note_lost, waiting

    do_note_lost_sendings()
    do_note_lost(Answer)
    do_note_lost(Note)
    for recipient in sendings_to_offer():
        offer_sending(recipient)
    for answer in waiting(Answer):
        offer_answer(answer)
    for note in waiting(Note):
        offer_note(note)


@app.periodic(cron="*/5 * * * *")
@app.task(name="follow_up_silences", queue="sweeps", priority=SOONER, queueing_lock="follow_up_silences")
def follow_up_silences(timestamp: int) -> None:
    """Remind the doctors who do not answer, and show those to be joined otherwise."""
    from liaison.apps.exchanges.reminders import do_follow_up

    do_follow_up(datetime.fromtimestamp(timestamp, UTC))


def offer_sending(recipient: int) -> None:
    offer(send_recipient, key=f"send-recipient-{recipient}", recipient=recipient)


def offer_answer(answer: int) -> None:
    offer(send_answer, key=f"send-answer-{answer}", answer=answer)


def offer_note(note: int) -> None:
    offer(send_note, key=f"send-note-{note}", note=note)

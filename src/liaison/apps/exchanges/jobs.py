"""The exchanges' jobs."""

from procrastinate.contrib.django import app

from liaison.apps.queue import PASSING_TROUBLE, offer


@app.task(name="send_recipient", queue="sending", retry=PASSING_TROUBLE)
def send_recipient(*, recipient: int) -> None:
    """Give one prepared message to the server."""
    from liaison.apps.exchanges.actions import do_deliver
    from liaison.apps.exchanges.models import Recipient

    do_deliver(Recipient.objects.get(pk=recipient))


@app.task(name="send_answer", queue="sending", retry=PASSING_TROUBLE)
def send_answer(*, answer: int) -> None:
    """Give one MDN or ANS error to the server."""
    from liaison.apps.exchanges.answers import do_send_answer
    from liaison.apps.exchanges.models import Answer

    do_send_answer(Answer.objects.get(pk=answer))


@app.periodic(cron="* * * * * */20")
@app.task(name="sweep_sendings", queue="sweeps", queueing_lock="sweep_sendings")
def sweep_sendings(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Offer again what waits to be sent, and show what was lost on the way."""
    from liaison.apps.exchanges.actions import do_note_lost_sendings, sendings_to_offer
    from liaison.apps.exchanges.answers import answers_to_offer

    do_note_lost_sendings()
    for recipient in sendings_to_offer():
        offer_sending(recipient)
    for answer in answers_to_offer():
        offer_answer(answer)


def offer_sending(recipient: int) -> None:
    offer(send_recipient, key=f"send-recipient-{recipient}", recipient=recipient)


def offer_answer(answer: int) -> None:
    offer(send_answer, key=f"send-answer-{answer}", answer=answer)

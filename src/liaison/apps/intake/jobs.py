"""The intake's jobs. Each is safe to run twice: the state is in our tables, the queue only wakes us."""

from procrastinate.contrib.django import app

from liaison.apps.queue import PASSING_TROUBLE, SOONER, offer


@app.task(name="read_message", queue="intake", retry=PASSING_TROUBLE)
def read_message(*, message: int) -> None:
    """Read one message that is kept."""
    from liaison.apps.intake.pipeline import read_or_note

    read_or_note(message)


@app.task(name="read_messages", queue="intake", retry=PASSING_TROUBLE)
def read_messages(*, messages: list[int]) -> None:
    """Read messages of one mailbox that were kept together."""
    from liaison.apps.intake.pipeline import read_all_or_note

    read_all_or_note(messages)


@app.periodic(cron="* * * * * */15")
@app.task(name="sweep_unread_messages", queue="sweeps", priority=SOONER, queueing_lock="sweep_unread_messages")
def sweep_unread_messages(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Offer again the messages whose reading failed or was lost with its worker."""
    from liaison.apps.intake.pipeline import unfinished

    for message in unfinished():
        offer_reading(message)


def offer_readings(messages: list[int]) -> None:
    """One job for those kept together, in the transaction that keeps them. The sweep offers each by itself."""
    if len(messages) == 1:
        offer_reading(messages[0])
    elif messages:
        offer(read_messages, key=f"read-messages-{messages[0]}-{messages[-1]}", messages=messages)


def offer_reading(message: int) -> None:
    offer(read_message, key=f"read-message-{message}", message=message)

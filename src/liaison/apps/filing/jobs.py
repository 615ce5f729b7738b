"""The filing's jobs."""

from procrastinate.contrib.django import app

from liaison.apps.queue import BEGUN, PASSING_TROUBLE, SOONER, offer


@app.task(name="propose_document", queue="intake", priority=BEGUN, retry=PASSING_TROUBLE)
def propose_document(*, document: int) -> None:
    """Say whose document it is."""
    from liaison.apps.filing.actions import do_propose
    from liaison.apps.intake.models import Document

    do_propose(Document.objects.get(pk=document))


@app.task(name="propose_documents", queue="intake", priority=BEGUN, retry=PASSING_TROUBLE)
def propose_documents(*, documents: list[int]) -> None:
    """Say whose documents these are, those of messages read together."""
    from liaison.apps.filing.together import propose_all

    propose_all(documents)


@app.periodic(cron="* * * * * */15")
@app.task(
    name="sweep_unproposed_documents", queue="sweeps", priority=SOONER, queueing_lock="sweep_unproposed_documents"
)
def sweep_unproposed_documents(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Offer again the documents whose identity nobody looked at: their job failed, or was lost with its worker."""
    from liaison.apps.filing.queries import unproposed_documents

    for document in unproposed_documents():
        offer_proposal(document)


@app.task(name="propose_again", queue="intake", retry=PASSING_TROUBLE)
def propose_again(*, site: int, after: int) -> None:
    """Put the documents a home has not filed to the rule table again: one of its identities is new or has changed."""
    from liaison.apps.filing.queries import MOST_AT_ONCE, documents_without_resident

    waiting = documents_without_resident(site, after)
    for document in waiting:
        offer_proposal(document)
    if len(waiting) == MOST_AT_ONCE:
        offer_new_look(site, after=waiting[-1])


@app.task(name="receive_hand_over", queue="intake", retry=PASSING_TROUBLE)
def receive_hand_over(*, hand_over: int) -> None:
    """Bring a message handed over to the other home."""
    from liaison.apps.filing.hand_over import do_receive_hand_over
    from liaison.apps.filing.models import HandOver

    do_receive_hand_over(HandOver.objects.select_related("site", "other_site").get(pk=hand_over))


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep_hand_overs", queue="sweeps", priority=SOONER, queueing_lock="sweep_hand_overs")
def sweep_hand_overs(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Offer again the hand-overs whose job was lost."""
    from liaison.apps.filing.queries import hand_overs_on_their_way

    for hand_over in hand_overs_on_their_way():
        offer_hand_over(hand_over)


def offer_hand_over(hand_over: int) -> None:
    offer(receive_hand_over, key=f"receive-hand-over-{hand_over}", hand_over=hand_over)


def offer_new_look(site: int, *, after: int = 0) -> None:
    """One look waits at most, however many identities an import changes: it is deferred with them and sees them all."""
    offer(propose_again, key=f"propose-again-{site}-{after}", site=site, after=after)


def offer_proposals(documents: list[int]) -> None:
    """One job for those read together, in the transaction that reads them."""
    if len(documents) == 1:
        offer_proposal(documents[0])
    elif documents:
        offer(propose_documents, key=f"propose-documents-{documents[0]}-{documents[-1]}", documents=documents)


def offer_proposal(document: int) -> None:
    offer(propose_document, key=f"propose-document-{document}", document=document)

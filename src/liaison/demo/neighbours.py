"""The pharmacy and the nurses around the first home: mailboxes of organisations, which nobody answers from."""

from liaison.core.directory.values import Listed
from liaison.demo.world.people import DOCTORS_DOMAIN

NEIGHBOURS = tuple(
    Listed(
        "ORG",
        f"{address}@{DOCTORS_DOMAIN}",
        f"1519900{number:03d}",
        structure=name,
        structure_id=f"1519900{number:03d}",
        service=service,
        street=street,
        postal_code="51100",
        city="REIMS",
        dematerialised=True,
    )
    for number, (address, name, service, street) in enumerate(
        (
            ("officine.chanzy", "PHARMACIE CHANZY", "Officine", "12 RUE CHANZY"),
            ("officine.boulingrin", "PHARMACIE DU BOULINGRIN", "Officine", "3 RUE DE MARS"),
            ("idel.cathedrale", "CABINET INFIRMIER DE LA CATHEDRALE", "Soins à domicile", "7 RUE LIBERGIER"),
        ),
        start=1,
    )
)

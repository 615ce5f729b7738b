"""The class of a document follows from its type (ASS_X04), in what we write and for the types we do not know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.cda.makers import REPORT, a_header

from liaison.core.cda.build import build_level1
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import Code
from liaison.core.notices import Unreadable
from liaison.core.xdm.classes import CLASS_SYSTEM, class_of
from liaison.core.xdm.derive import derive_entry


@pytest.mark.parametrize(
    ("type_code", "code", "label"),
    [
        ("11490-0", "10", "Compte rendu"),
        ("34112-3", "10", "Compte rendu"),
        ("34133-9", "11", "Synthèse"),
        ("SYNTH", "11", "Synthèse"),
        ("18748-4", "31", "Imagerie médicale"),
        ("57833-6", "42", "Prescription"),
        ("60593-1", "43", "Dispensation"),
        ("18776-5", "44", "Plan de soins, protocole de soins"),
        ("80565-5", "45", "Traitement administré"),
        ("CERT_DECL", "52", "Certificat, déclaration"),
        ("REMB", "60", "Données de remboursement"),
        ("EXPPAT_2", "90", "Autres documents déposés par le patient"),
        ("PIECE-IDENTITE", "95", "Document de gestion"),
        ("FEUILLE-DE-STYLE", "99", "Document technique"),
    ],
)
def test_a_type_has_its_class(type_code: str, code: str, label: str) -> None:
    assert class_of(type_code) == Code(code, CLASS_SYSTEM, label)


@given(st.text())
def test_a_type_we_do_not_know_is_a_report(unknown: str) -> None:
    assert class_of(f"{unknown}?").code == "10"


def test_the_metadata_of_a_document_say_its_class() -> None:
    content = build_level1(
        a_header(type=Code("34133-9", REPORT.type.system, "Synthèse")), b"%PDF-1.4", "application/pdf"
    )
    document = read_cda(content)
    assert not isinstance(document, Unreadable)
    assert derive_entry(document, content, "DOC00001.XML", "0" * 40).codes["class"].code == "11"

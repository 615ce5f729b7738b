"""The class of a document by its type: table ASS_X04 (ANS, 23 February 2024), classes of TRE_A03."""

from liaison.core.cda.values import Code

CLASS_SYSTEM = "1.2.250.1.213.1.1.4.1"
_LABELS = {
    "10": "Compte rendu",
    "11": "Synthèse",
    "31": "Imagerie médicale",
    "42": "Prescription",
    "43": "Dispensation",
    "44": "Plan de soins, protocole de soins",
    "45": "Traitement administré",
    "52": "Certificat, déclaration",
    "60": "Données de remboursement",
    "90": "Autres documents déposés par le patient",
    "95": "Document de gestion",
    "99": "Document technique",
}
# Reports (10) are the largest class, and the one a type that the table does not know falls in: they need no line.
_TYPES = {
    "11": """18761-7 34133-9 34842-5 56445-0 57055-6 57057-2 57075-4 60591-5 68599-0 68817-6 74207-2 78489-2 80820-4
        83836-7 83901-9 88348-8 89235-6 DOCPAT01 DOCPAT08 EXPORT_DUI SYNTH""",
    "31": "18748-4 52040-3 DOCPAT04 IMG-KOS",
    "42": """29551-9 52063-5 52521-2 55115-0 57828-6 57832-8 57833-6 61357-0 75468-9 DOCPAT02 PRESC-AAT PRESC-BIO
        PRESC-INF PRESC-KINE PRESC-ORTHOPHO PRESC-ORTHOPTIE PRESC-PEDI""",
    "43": "29550-1 60593-1 DISP_AUT",
    "44": "18776-5 77604-7 80771-9 80788-3 83869-8 PROT_ALD",
    "45": "80565-5",
    "52": "11369-6 87273-9 89601-9 96173-0 96874-3 CERT_DECL DOCPAT07",
    "60": "REMB",
    "90": "74465-6 DOCPAT10 EXPPAT_1 EXPPAT_2 EXPPAT_3",
    "95": """51851-4 56446-8 59284-0 86531-1 ATTEST-ASS-COMPL ATTEST-DROITS-AM ATTEST-HEBGT ATTEST-RESID AUTORIS-SOINS
        CONTACTS-URGENCE DOCPAT09 FICHE-CONTACTS PIECE-IDENTITE""",
    "99": "FEUILLE-DE-STYLE",
}
_CLASSES = {type_: code for code, types in _TYPES.items() for type_ in types.split()}


def class_of(type_code: str) -> Code:
    """``34133-9`` -> synthesis; a report (10) for the types of the table that are, and for those it does not know."""
    code = _CLASSES.get(type_code, "10")
    return Code(code, CLASS_SYSTEM, _LABELS[code])

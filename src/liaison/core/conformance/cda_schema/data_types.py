"""The data types of CDA R2 (HL7 V3 data types R1, XML ITS): what each may hold, and which stands for which."""

from liaison.core.conformance.cda_schema.notation import Model, model

_CODED = "code=cs codeSystem=uid codeSystemName=st codeSystemVersion=st displayName=st"
_CONCEPT = f"{_CODED} sdtc/valueSet=oid sdtc/valueSetVersion=st"
_DATA = (
    "representation=encoding mediaType=cs language=cs compression=compression integrityCheck=bin"
    " integrityCheckAlgorithm=digest"
)
_TEXT = "representation='TXT' mediaType='text/plain' language=cs"
_PROBABLE = "value=real unit=cs distributionType=cs"
_PROBABLE_PARTS = "translation:PQR* standardDeviation:PQ?"
_ADDRESS_PARTS = {
    "delimiter": "DEL",
    "country": "CNT",
    "state": "STA",
    "county": "CPA",
    "city": "CTY",
    "postalCode": "ZIP",
    "streetAddressLine": "SAL",
    "houseNumber": "BNR",
    "houseNumberNumeric": "BNN",
    "direction": "DIR",
    "streetName": "STR",
    "streetNameBase": "STB",
    "streetNameType": "STTYP",
    "additionalLocator": "ADL",
    "unitID": "UNID",
    "unitType": "UNIT",
    "careOf": "CAR",
    "censusTract": "CEN",
    "deliveryAddressLine": "DAL",
    "deliveryInstallationType": "DINST",
    "deliveryInstallationArea": "DINSTA",
    "deliveryInstallationQualifier": "DINSTQ",
    "deliveryMode": "DMOD",
    "deliveryModeIdentifier": "DMODID",
    "buildingNumberSuffix": "BNS",
    "postBox": "POB",
    "precinct": "PRE",
}
_NAME_PARTS = {"delimiter": "DEL", "family": "FAM", "given": "GIV", "prefix": "PFX", "suffix": "SFX"}
_ORGANISATION_NAME_PARTS = ("delimiter", "prefix", "suffix")

PARENTS = {
    "AD": "ANY",
    "ADXP": "ST",
    "BL": "ANY",
    "BN": "ANY",
    "BXIT_CD": "CD",
    "BXIT_IVL_PQ": "IVL_PQ",
    "CD": "ANY",
    "CE": "CD",
    "CO": "CV",
    "CR": "ANY",
    "CS": "CV",
    "CV": "CE",
    "ED": "ANY",
    "EIVL_TS": "SXCM_TS",
    "EIVL_PPD_TS": "SXCM_PPD_TS",
    "EN": "ANY",
    "ENXP": "ST",
    "GLIST_PQ": "ANY",
    "GLIST_TS": "ANY",
    "HXIT_CE": "CE",
    "HXIT_PQ": "PQ",
    "II": "ANY",
    "INT": "QTY",
    "IVL_INT": "SXCM_INT",
    "IVL_MO": "SXCM_MO",
    "IVL_PPD_PQ": "SXCM_PPD_PQ",
    "IVL_PPD_TS": "SXCM_PPD_TS",
    "IVL_PQ": "SXCM_PQ",
    "IVL_REAL": "SXCM_REAL",
    "IVL_TS": "SXCM_TS",
    "IVXB_INT": "INT",
    "IVXB_MO": "MO",
    "IVXB_PPD_PQ": "PPD_PQ",
    "IVXB_PPD_TS": "PPD_TS",
    "IVXB_PQ": "PQ",
    "IVXB_REAL": "REAL",
    "IVXB_TS": "TS",
    "MO": "QTY",
    "ON": "EN",
    "PIVL_PPD_TS": "SXCM_PPD_TS",
    "PIVL_TS": "SXCM_TS",
    "PN": "EN",
    "PPD_PQ": "PQ",
    "PPD_TS": "TS",
    "PQ": "QTY",
    "PQR": "CV",
    "QTY": "ANY",
    "REAL": "QTY",
    "RTO": "RTO_QTY_QTY",
    "RTO_MO_PQ": "QTY",
    "RTO_PQ_PQ": "QTY",
    "RTO_QTY_QTY": "QTY",
    "SC": "ST",
    "SLIST_PQ": "ANY",
    "SLIST_TS": "ANY",
    "ST": "ED",
    "SXCM_CD": "CD",
    "SXCM_INT": "INT",
    "SXCM_MO": "MO",
    "SXCM_PPD_PQ": "PPD_PQ",
    "SXCM_PPD_TS": "PPD_TS",
    "SXCM_PQ": "PQ",
    "SXCM_REAL": "REAL",
    "SXCM_TS": "TS",
    "SXPR_TS": "SXCM_TS",
    "TEL": "ANY",
    "TN": "EN",
    "TS": "QTY",
    "UVP_TS": "TS",
}
"""The type that each type restricts or extends: ``xsi:type`` may only name a type of the line of the declared one."""


def _null(attributes: str, *contents: str, is_mixed: bool = False, is_open: bool = False) -> Model:
    return model(f"nullFlavor=nullFlavor {attributes}", *contents, is_mixed=is_mixed, is_open=is_open)


def _interval(low: str, width: str, center: str) -> tuple[str, ...]:
    return (
        f"low:{low} width:{width}?",
        f"low:{low} high:{low}",
        f"high:{low}",
        f"width:{width} high:{low}?",
        f"center:{center} width:{width}?",
        "",
    )


def _interval_types(kind: str, width: str, attributes: str, *contents: str) -> dict[str, Model]:
    """The set component, the bound and the interval of a quantity; none of them loses what the quantity may hold."""
    before = contents[0] if contents else ""
    bounds = (f"{before} {bound}" for bound in _interval(f"IVXB_{kind}", width, kind))
    return {
        f"SXCM_{kind}": _null(f"{attributes} operator=operator", *contents),
        f"IVXB_{kind}": _null(f"{attributes} inclusive=bl", *contents),
        f"IVL_{kind}": _null(f"{attributes} operator=operator", *bounds),
    }


def _parts(prefix: str, kinds: dict[str, str], others: str) -> dict[str, Model]:
    return {
        f"{prefix}.{name}": _null(f"{_TEXT} {others} partType='{code}'", is_mixed=True) for name, code in kinds.items()
    }


def _any_of(prefix: str, names: tuple[str, ...]) -> str:
    return "(" + "|".join(f"{name}:{prefix}.{name}" for name in names) + ")*"


DATA_TYPES: dict[str, Model] = {
    "ANY": model("nullFlavor=nullFlavor", is_abstract=True),
    "QTY": model("nullFlavor=nullFlavor", is_abstract=True),
    "BL": _null("value=bl"),
    "BN": model("value=bl"),
    "ED": _null(_DATA, "reference:TEL? thumbnail:thumbnail?", is_mixed=True, is_open=True),
    "thumbnail": _null(_DATA, "reference:TEL?", is_mixed=True),
    "ST": _null(_TEXT, is_mixed=True),
    "SC": _null(f"{_TEXT} {_CODED}", is_mixed=True),
    "CD": _null(_CONCEPT, "originalText:ED? qualifier:CR* translation:CD*"),
    "CE": _null(_CONCEPT, "originalText:ED? translation:CD*"),
    "CV": _null(_CONCEPT, "originalText:ED?"),
    "CO": _null(_CONCEPT, "originalText:ED?"),
    "CS": _null("code=cs sdtc/valueSet=oid sdtc/valueSetVersion=st"),
    "CR": _null("inverted=bl", "name:CV? value:CD?"),
    "PQR": _null(f"{_CONCEPT} value=real", "originalText:ED?"),
    "II": _null("root=uid extension=st assigningAuthorityName=st displayable=bl"),
    "typeId": _null("root!'2.16.840.1.113883.1.3' extension!st assigningAuthorityName=st displayable=bl"),
    "TEL": _null("value=text use=codes", "useablePeriod:SXCM_TS*"),
    "AD": _null(
        "use=codes isNotOrdered=bl", f"{_any_of('adxp', tuple(_ADDRESS_PARTS))} useablePeriod:SXCM_TS*", is_mixed=True
    ),
    "ADXP": _null(f"{_TEXT} partType=cs", is_mixed=True),
    **_parts("adxp", _ADDRESS_PARTS, ""),
    "ENXP": _null(f"{_TEXT} partType=cs qualifier=codes", is_mixed=True),
    **_parts("en", _NAME_PARTS, "qualifier=codes"),
    "EN": _null("use=codes", f"{_any_of('en', tuple(_NAME_PARTS))} validTime:IVL_TS?", is_mixed=True),
    "PN": _null("use=codes", f"{_any_of('en', tuple(_NAME_PARTS))} validTime:IVL_TS?", is_mixed=True),
    "ON": _null("use=codes", f"{_any_of('en', _ORGANISATION_NAME_PARTS)} validTime:IVL_TS?", is_mixed=True),
    "TN": _null("use=codes", "validTime:IVL_TS?", is_mixed=True),
    "INT": _null("value=int"),
    "INT_POS": _null("value=positive"),
    "REAL": _null("value=real"),
    "PQ": _null("value=real unit=cs", "translation:PQR*"),
    "MO": _null("value=real currency=cs"),
    "TS": _null("value=ts"),
    **_interval_types("TS", "PQ", "value=ts"),
    **_interval_types("INT", "INT", "value=int"),
    **_interval_types("REAL", "REAL", "value=real"),
    **_interval_types("MO", "MO", "value=real currency=cs"),
    **_interval_types("PQ", "PQ", "value=real unit=cs", "translation:PQR*"),
    "PIVL_TS": _null("value=ts operator=operator alignment=cs institutionSpecified=bl", "phase:IVL_TS? period:PQ?"),
    "EIVL_TS": _null("value=ts operator=operator", "event:EIVL.event? offset:IVL_PQ?"),
    "EIVL.event": _null(
        "code=cs codeSystem='2.16.840.1.113883.5.139' codeSystemName='TimingEvent' codeSystemVersion=st displayName=st"
        " sdtc/valueSet=oid sdtc/valueSetVersion=st",
        "originalText:ED? translation:CD*",
    ),
    "SXPR_TS": _null("value=ts operator=operator", "comp:SXCM_TS++"),
    "PPD_TS": _null("value=ts distributionType=cs", "standardDeviation:PQ?"),
    "SXCM_PPD_TS": _null("value=ts distributionType=cs operator=operator", "standardDeviation:PQ?"),
    "EIVL_PPD_TS": _null(
        "value=ts distributionType=cs operator=operator", "standardDeviation:PQ? event:EIVL.event? offset:IVL_PPD_PQ?"
    ),
    "IVXB_PPD_TS": _null("value=ts distributionType=cs inclusive=bl", "standardDeviation:PQ?"),
    "IVL_PPD_TS": _null(
        "value=ts distributionType=cs operator=operator",
        *(f"standardDeviation:PQ? {bound}" for bound in _interval("IVXB_PPD_TS", "PPD_PQ", "PPD_TS")),
    ),
    "PIVL_PPD_TS": _null(
        "value=ts distributionType=cs operator=operator alignment=cs institutionSpecified=bl",
        "standardDeviation:PQ? phase:IVL_PPD_TS? period:PPD_PQ?",
    ),
    "PPD_PQ": _null(_PROBABLE, _PROBABLE_PARTS),
    "SXCM_PPD_PQ": _null(f"{_PROBABLE} operator=operator", _PROBABLE_PARTS),
    "IVXB_PPD_PQ": _null(f"{_PROBABLE} inclusive=bl", _PROBABLE_PARTS),
    "IVL_PPD_PQ": _null(
        f"{_PROBABLE} operator=operator",
        *(f"{_PROBABLE_PARTS} {bound}" for bound in _interval("IVXB_PPD_PQ", "PPD_PQ", "PPD_PQ")),
    ),
    "UVP_TS": _null("value=ts probability=probability"),
    "HXIT_CE": _null(_CONCEPT, "originalText:ED? translation:CD* validTime:IVL_TS?"),
    "HXIT_PQ": _null("value=real unit=cs", "translation:PQR* validTime:IVL_TS?"),
    "BXIT_CD": _null(f"{_CONCEPT} qty=int", "originalText:ED? qualifier:CR* translation:CD*"),
    "BXIT_IVL_PQ": _null(
        "value=real unit=cs operator=operator qty=int",
        *(f"translation:PQR* {bound}" for bound in _interval("IVXB_PQ", "PQ", "PQ")),
    ),
    "SXCM_CD": _null(f"{_CONCEPT} operator=operator", "originalText:ED? qualifier:CR* translation:CD*"),
    "RTO_QTY_QTY": _null("", "numerator:QTY denominator:QTY"),
    "RTO": _null("", "numerator:QTY denominator:QTY"),
    "RTO_PQ_PQ": _null("", "numerator:PQ denominator:PQ"),
    "RTO_MO_PQ": _null("", "numerator:MO denominator:PQ"),
    "SLIST_PQ": _null("", "origin:PQ scale:PQ digits:digits"),
    "SLIST_TS": _null("", "origin:TS scale:PQ digits:digits"),
    "GLIST_PQ": _null("period=int denominator=int", "head:PQ increment:PQ"),
    "GLIST_TS": _null("period=int denominator=int", "head:TS increment:PQ"),
    "digits": model("", is_mixed=True),
}

"""The classes of CDA R2 (POCD_MT000040) with the extensions that the French models use: SDTC, IHE LAB and PHARM, DICOM.

Facts of the standard, as the schema of the ANS states them (CI-SIS, TestContenuCDA, CDA_extended). What stands inside
an extension of LAB, PHARM or DICOM is not looked at.
"""

from liaison.core.conformance.cda_schema.notation import Model, choice, model

_REALM = "realmCode:CS* typeId:typeId? templateId:II*"
_ENTRIES = choice(
    (
        "act",
        "encounter",
        "observation",
        "observationMedia",
        "organizer",
        "procedure",
        "regionOfInterest",
        "substanceAdministration",
        "supply",
    )
)
_WITNESSES = "performer:Performer2* author:Author* informant:Informant12* participant:Participant2*"
_PARTIES = f"subject:Subject? specimen:Specimen* {_WITNESSES}"
_LINKS = "entryRelationship:EntryRelationship* reference:Reference* precondition:Precondition*"
_FULFILLED = "sdtc/inFulfillmentOf1:InFulfillmentOf1*"
_PLACE = "addr:AD* telecom:TEL*"
_KNOWN = "id:II* code:CE?"
_ACT = "id:II* code:CD? text:ED?"
_STATED = "statusCode:CS? effectiveTime:IVL_TS?"
_COMPONENT = "typeCode='COMP' contextConductionInd='true'"
_INSTANCE = "determinerCode='INSTANCE'"
_KIND = "determinerCode='KIND'"
_EVENT = "moodCode='EVN'"
_BORN = "sdtc/deceasedInd:BL? sdtc/deceasedTime:TS? sdtc/multipleBirthInd:BL? sdtc/multipleBirthOrderNumber:INT_POS?"


def _class(attributes: str, content: str) -> Model:
    return model(f"nullFlavor=nullFlavor {attributes}", f"{_REALM} {content}")


_HEADER: dict[str, Model] = {
    "ClinicalDocument": model(
        f"nullFlavor=nullFlavor classCode='DOCCLIN' {_EVENT}",
        "realmCode:CS* typeId:typeId templateId:II* id:II code:CE title:ST? effectiveTime:TS confidentialityCode:CE"
        " languageCode:CS? setId:II? versionNumber:INT? copyTime:TS? recordTarget:RecordTarget+ author:Author+"
        " dataEnterer:DataEnterer? informant:Informant12* custodian:Custodian"
        " informationRecipient:InformationRecipient* legalAuthenticator:LegalAuthenticator?"
        " authenticator:Authenticator* participant:Participant1* inFulfillmentOf:InFulfillmentOf*"
        " documentationOf:DocumentationOf* relatedDocument:RelatedDocument* authorization:Authorization*"
        " componentOf:Component1? component:Component2 sdtc/statusCode:CS?",
    ),
    "RecordTarget": _class("typeCode='RCT' contextControlCode='OP'", "patientRole:PatientRole"),
    "PatientRole": _class("classCode='PAT'", f"id:II+ {_PLACE} patient:Patient? providerOrganization:Organization?"),
    "Patient": _class(
        f"classCode='PSN' {_INSTANCE}",
        f"id:II? name:PN* sdtc/desc:ED? administrativeGenderCode:CE? birthTime:TS? {_BORN} maritalStatusCode:CE?"
        " religiousAffiliationCode:CE? raceCode:CE? sdtc/raceCode:CE* ethnicGroupCode:CE? sdtc/ethnicGroupCode:CE*"
        " guardian:Guardian* birthplace:Birthplace? languageCommunication:LanguageCommunication*",
    ),
    "Guardian": _class(
        "classCode='GUARD'", f"{_KNOWN} {_PLACE} (guardianPerson:Person|guardianOrganization:Organization)"
    ),
    "Birthplace": _class("classCode='BIRTHPL'", "place:Place"),
    "Place": _class(f"classCode='PLC' {_INSTANCE}", "name:EN? addr:AD?"),
    "LanguageCommunication": _class("", "languageCode:CS? modeCode:CE? proficiencyLevelCode:CE? preferenceInd:BL?"),
    "Author": _class(
        "typeCode='AUT' contextControlCode='OP'", "functionCode:CE? time:TS assignedAuthor:AssignedAuthor"
    ),
    "AssignedAuthor": _class(
        "classCode='ASSIGNED'",
        f"id:II+ code:CE? {_PLACE} (assignedPerson:Person|assignedAuthoringDevice:AuthoringDevice)?"
        " representedOrganization:Organization?",
    ),
    "AuthoringDevice": _class(
        f"classCode='DEV' {_INSTANCE}",
        "code:CE? manufacturerModelName:SC? softwareName:SC? asMaintainedEntity:MaintainedEntity*",
    ),
    "MaintainedEntity": _class("classCode='MNT'", "effectiveTime:IVL_TS? maintainingPerson:Person"),
    "DataEnterer": _class("typeCode='ENT' contextControlCode='OP'", "time:TS? assignedEntity:AssignedEntity"),
    "Informant12": _class(
        "typeCode='INF' contextControlCode='OP'", "(assignedEntity:AssignedEntity|relatedEntity:RelatedEntity)"
    ),
    "RelatedEntity": _class("classCode!cs", f"code:CE? {_PLACE} effectiveTime:IVL_TS? relatedPerson:Person?"),
    "AssignedEntity": _class(
        "classCode='ASSIGNED'",
        f"id:II+ code:CE? {_PLACE} assignedPerson:Person? representedOrganization:Organization?"
        " sdtc/patient:SdtcPatient?",
    ),
    "Person": _class(
        f"classCode='PSN' {_INSTANCE}", "name:PN* sdtc/desc:ED? sdtc/asPatientRelationship:AsPatientRelationship?"
    ),
    "Organization": _class(
        f"classCode='ORG' {_INSTANCE}",
        "id:II* name:ON* telecom:TEL* addr:AD* standardIndustryClassCode:CE? asOrganizationPartOf:OrganizationPartOf?",
    ),
    "OrganizationPartOf": _class("classCode='PART'", f"{_KNOWN} {_STATED} wholeOrganization:Organization?"),
    "Custodian": _class("typeCode='CST'", "assignedCustodian:AssignedCustodian"),
    "AssignedCustodian": _class("classCode='ASSIGNED'", "representedCustodianOrganization:CustodianOrganization"),
    "CustodianOrganization": _class(f"classCode='ORG' {_INSTANCE}", "id:II+ name:ON? telecom:TEL? addr:AD?"),
    "InformationRecipient": _class("typeCode=recipient", "intendedRecipient:IntendedRecipient"),
    "IntendedRecipient": _class(
        "classCode=recipientRole",
        f"id:II* {_PLACE} informationRecipient:Person? receivedOrganization:Organization?",
    ),
    "LegalAuthenticator": _class(
        "typeCode='LA' contextControlCode='OP'",
        "time:TS signatureCode:CS sdtc/signatureText:ED? assignedEntity:AssignedEntity",
    ),
    "Authenticator": _class(
        "typeCode='AUTHEN'", "time:TS signatureCode:CS assignedEntity:AssignedEntity sdtc/signatureText:ED?"
    ),
    "Participant1": _class(
        "typeCode!cs contextControlCode='OP'", "functionCode:CE? time:IVL_TS? associatedEntity:AssociatedEntity"
    ),
    "AssociatedEntity": _class(
        "classCode!cs", f"{_KNOWN} {_PLACE} associatedPerson:Person? scopingOrganization:Organization?"
    ),
    "InFulfillmentOf": _class("typeCode='FLFS'", "order:Order"),
    "Order": _class("classCode=cs moodCode='RQO'", "id:II+ code:CE? priorityCode:CE? dicom/accessionNumber:free*"),
    "DocumentationOf": _class("typeCode='DOC'", "serviceEvent:ServiceEvent"),
    "ServiceEvent": _class(
        f"classCode=cs {_EVENT}", f"{_KNOWN} lab/statusCode:free? effectiveTime:IVL_TS? performer:Performer1*"
    ),
    "Performer1": _class("typeCode!eventPerformer", "functionCode:CE? time:IVL_TS? assignedEntity:AssignedEntity"),
    "RelatedDocument": _class("typeCode!documentLink", "parentDocument:ParentDocument"),
    "ParentDocument": _class(f"classCode='DOCCLIN' {_EVENT}", "id:II+ code:CD? text:ED? setId:II? versionNumber:INT?"),
    "Authorization": _class("typeCode='AUTH'", "consent:Consent"),
    "Consent": _class(f"classCode='CONS' {_EVENT}", f"{_KNOWN} statusCode:CS"),
    "Component1": _class("typeCode='COMP'", "encompassingEncounter:EncompassingEncounter"),
    "EncompassingEncounter": _class(
        f"classCode='ENC' {_EVENT}",
        f"{_KNOWN} effectiveTime:IVL_TS dischargeDispositionCode:CE? responsibleParty:ResponsibleParty?"
        " encounterParticipant:EncounterParticipant* location:Location?",
    ),
    "ResponsibleParty": _class("typeCode='RESP'", "assignedEntity:AssignedEntity"),
    "EncounterParticipant": _class("typeCode!encounterParticipant", "time:IVL_TS? assignedEntity:AssignedEntity"),
    "Location": _class("typeCode='LOC'", "healthCareFacility:HealthCareFacility"),
    "HealthCareFacility": _class("classCode=cs", f"{_KNOWN} location:Place? serviceProviderOrganization:Organization?"),
}
_BODY: dict[str, Model] = {
    "Component2": _class(_COMPONENT, "(nonXMLBody:NonXMLBody|structuredBody:StructuredBody)"),
    "NonXMLBody": _class(f"classCode='DOCBODY' {_EVENT}", "text:ED confidentialityCode:CE? languageCode:CS?"),
    "StructuredBody": _class(
        f"classCode='DOCBODY' {_EVENT}", "confidentialityCode:CE? languageCode:CS? component:Component3+"
    ),
    "Component3": _class(_COMPONENT, "section:Section"),
    "Section": _class(
        f"ID=id classCode='DOCSECT' {_EVENT}",
        "id:II? code:CE? title:ST? text:Narrative? confidentialityCode:CE? languageCode:CS? subject:Subject?"
        " author:Author* informant:Informant12* entry:Entry* component:Component3*",
    ),
    "Entry": _class("typeCode=entryLink contextConductionInd='true'", _ENTRIES),
}
_ENTRY: dict[str, Model] = {
    "Act": _class(
        "classCode!actClass moodCode!actMood negationInd=bl",
        f"id:II* code:CD text:ED? {_STATED} priorityCode:CE? languageCode:CS? {_PARTIES} {_LINKS} {_FULFILLED}",
    ),
    "Encounter": _class(
        "classCode!cs moodCode!encounterMood",
        f"{_ACT} {_STATED} sdtc/dischargeDispositionCode:CE? priorityCode:CE? {_PARTIES} {_LINKS} {_FULFILLED}",
    ),
    "Observation": _class(
        "classCode!observationClass moodCode!observationMood negationInd=bl",
        f"id:II* code:CD derivationExpr:ST? text:ED? {_STATED} priorityCode:CE? repeatNumber:IVL_INT? languageCode:CS?"
        f" value:ANY* interpretationCode:CE* methodCode:CE* targetSiteCode:CD* {_PARTIES} {_LINKS}"
        f" referenceRange:ReferenceRange* {_FULFILLED}",
    ),
    "ObservationMedia": _class(
        "ID=id classCode!observationClass moodCode!cs", f"id:II* languageCode:CS? value:ED {_PARTIES} {_LINKS}"
    ),
    "Organizer": _class(
        "classCode!organizerClass moodCode!cs",
        f"id:II* code:CD? sdtc/text:ED? statusCode:CS effectiveTime:IVL_TS? {_PARTIES} reference:Reference*"
        " precondition:Precondition* component:Component4*",
    ),
    "Component4": _class(_COMPONENT, f"sequenceNumber:INT? seperatableInd:BL? sdtc/priorityNumber:INT? {_ENTRIES}"),
    "Procedure": _class(
        "classCode!cs moodCode!actMood negationInd=bl",
        f"{_ACT} {_STATED} priorityCode:CE? languageCode:CS? methodCode:CE* approachSiteCode:CD* targetSiteCode:CD*"
        f" {_PARTIES} {_LINKS} {_FULFILLED}",
    ),
    "RegionOfInterest": _class(
        "ID=id classCode!'ROIOVL' moodCode!'EVN'", f"id:II+ code:CS value:RegionValue+ {_PARTIES} {_LINKS}"
    ),
    "RegionValue": model("nullFlavor=nullFlavor value=int unsorted=bl"),
    "SubstanceAdministration": _class(
        "classCode!'SBADM' moodCode!substanceMood negationInd=bl",
        f"{_ACT} statusCode:CS? effectiveTime:SXCM_TS* priorityCode:CE? repeatNumber:IVL_INT? routeCode:CE?"
        " approachSiteCode:CD* doseQuantity:IVL_PQ? rateQuantity:IVL_PQ? maxDoseQuantity:RTO_PQ_PQ?"
        " administrationUnitCode:CE? subject:Subject? specimen:Specimen* consumable:Consumable"
        f" {_WITNESSES} {_LINKS} {_FULFILLED}",
    ),
    "Supply": _class(
        "classCode!'SPLY' moodCode!substanceMood",
        f"{_ACT} statusCode:CS? effectiveTime:SXCM_TS* priorityCode:CE* repeatNumber:IVL_INT? independentInd:BL?"
        " quantity:PQ? expectedUseTime:IVL_TS? subject:Subject? specimen:Specimen* product:Product?"
        f" {_WITNESSES} {_LINKS} {_FULFILLED}",
    ),
    "EntryRelationship": _class(
        "typeCode!entryRelationship inversionInd=bl contextConductionInd=bl negationInd=bl",
        f"sequenceNumber:INT? seperatableInd:BL? {_ENTRIES}",
    ),
    "Reference": _class(
        "typeCode!externalLink",
        "seperatableInd:BL? (externalAct:ExternalAct|externalObservation:ExternalObservation|"
        "externalProcedure:ExternalProcedure|externalDocument:ExternalDocument)",
    ),
    "ExternalAct": _class(f"classCode=cs {_EVENT}", _ACT),
    "ExternalObservation": _class(f"classCode=observationClass {_EVENT}", _ACT),
    "ExternalProcedure": _class(f"classCode='PROC' {_EVENT}", _ACT),
    "ExternalDocument": _class(f"classCode=cs {_EVENT}", f"{_ACT} setId:II? versionNumber:INT?"),
    "Precondition": _class("typeCode='PRCN'", "criterion:Criterion"),
    "Criterion": _class("classCode=observationClass moodCode='EVN.CRT'", "code:CD? text:ED? value:ANY?"),
    "ReferenceRange": _class("typeCode='REFV'", "observationRange:ObservationRange"),
    "ObservationRange": _class(
        "classCode=observationClass moodCode='EVN.CRT'",
        "code:CD? text:ED? value:ANY? interpretationCode:CE? sdtc/precondition1:Precondition1* lab/precondition:free*",
    ),
}
_ROLES: dict[str, Model] = {
    "Performer2": _class(
        "typeCode='PRF'", "sdtc/functionCode:CE? time:IVL_TS? modeCode:CE? assignedEntity:AssignedEntity"
    ),
    "Participant2": _class(
        "typeCode!cs contextControlCode='OP'", "time:IVL_TS? awarenessCode:CE? participantRole:ParticipantRole"
    ),
    "ParticipantRole": _class(
        "classCode=cs",
        f"functionCode:free? {_KNOWN} {_PLACE} (playingDevice:Device|playingEntity:PlayingEntity)?"
        " scopingEntity:Entity?",
    ),
    "Device": _class(f"classCode=cs {_INSTANCE}", "code:CE? manufacturerModelName:SC? softwareName:SC?"),
    "PlayingEntity": _class(f"classCode=cs {_INSTANCE}", "code:CE? quantity:PQ* name:PN* sdtc/birthTime:TS? desc:ED?"),
    "Entity": _class(f"classCode=cs {_INSTANCE}", f"{_KNOWN} desc:ED?"),
    "Subject": _class("typeCode='SBJ' contextControlCode='OP'", "awarenessCode:CE? relatedSubject:RelatedSubject"),
    "RelatedSubject": _class("classCode=documentSubject", f"sdtc/id:II* code:CE? {_PLACE} subject:SubjectPerson?"),
    "SubjectPerson": _class(
        f"classCode='PSN' {_INSTANCE}",
        f"sdtc/id:II* name:PN* sdtc/desc:ED? administrativeGenderCode:CE? birthTime:TS? {_BORN} sdtc/raceCode:CE*"
        " sdtc/ethnicGroupCode:CE*",
    ),
    "Specimen": _class("typeCode='SPC'", "specimenRole:SpecimenRole"),
    "SpecimenRole": _class("classCode='SPEC'", "id:II* specimenPlayingEntity:PlayingEntity?"),
    "Consumable": _class("typeCode='CSM'", "manufacturedProduct:ManufacturedProduct"),
    "Product": _class("typeCode='PRD'", "manufacturedProduct:ManufacturedProduct"),
    "ManufacturedProduct": _class(
        "classCode='MANU'",
        "id:II* (manufacturedLabeledDrug:LabeledDrug|manufacturedMaterial:Material)"
        " manufacturerOrganization:Organization? pharm/subjectOf1:free* pharm/subjectOf2:free*"
        " pharm/subjectOf3:free* pharm/subjectOf4:free* pharm/subjectOf5:free?",
    ),
    "LabeledDrug": _class(f"classCode='MMAT' {_KIND}", "code:CE? name:EN?"),
    "Material": _class(
        f"classCode='MMAT' {_KIND}",
        "code:CE? name:EN? pharm/desc:free? pharm/riskCode:free? pharm/handlingCode:free? pharm/formCode:free?"
        " lotNumberText:ST? pharm/expirationTime:free? pharm/stabilityTime:free? pharm/asDistributedProduct:free*"
        " pharm/asMedicineManufacturer:free* pharm/asContent:free? pharm/asSpecializedKind:free* pharm/part:free*"
        " pharm/ingredient:free*",
    ),
}
_SDTC: dict[str, Model] = {
    "InFulfillmentOf1": model(
        "typeCode!'FLFS' inversionInd=bl negationInd=bl",
        "sdtc/realmCode:CS* sdtc/typeId:typeId? sdtc/templateId:II* sdtc/actReference:ActReference",
    ),
    "ActReference": model(
        f"classCode!cs moodCode!actMood {_INSTANCE}",
        "sdtc/realmCode:CS* sdtc/typeId:typeId? sdtc/templateId:II* sdtc/id:II+",
    ),
    "SdtcPatient": model("", "sdtc/id:II"),
    "AsPatientRelationship": model(
        f"classCode!'PRS' {_INSTANCE}", "sdtc/realmCode:CS* sdtc/typeId:typeId? sdtc/templateId:II* sdtc/code:CE"
    ),
    "Precondition1": model(
        "nullFlavor=nullFlavor typeCode='PRCN'",
        "sdtc/realmCode:CS* sdtc/typeId:typeId? sdtc/templateId:II* sdtc/conjunctionCode:CS sdtc/criterion1:Criterion",
    ),
}

CLASSES: dict[str, Model] = {**_HEADER, **_BODY, **_ENTRY, **_ROLES, **_SDTC}

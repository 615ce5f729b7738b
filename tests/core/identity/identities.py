"""The ANS test person, as a document claims her and as a home holds her, each in its own writing."""

from liaison.core.identity.traits import LocalIdentity
from liaison.core.people import INS_NIR, Patient

CLAIM = Patient(
    ins="279035121518989",
    ins_oid=INS_NIR,
    birth_family="PAT-TROIS",
    birth_given="DOMINIQUE",
    given_names="DOMINIQUE MARIE-LOUISE",
    birth_date="1979-03-28",
    sex="F",
    birth_place="51215",
)
LOCAL = LocalIdentity(
    key="r1",
    site="s1",
    ins="279035121518989",
    ins_oid=INS_NIR,
    ins_status="QUAL",
    birth_family="Pat-Trois",
    birth_given="Dominique",
    given_names="Dominique, Marie-Louise",
    birth_date="19790328",
    sex="f",
    birth_place="51215",
)

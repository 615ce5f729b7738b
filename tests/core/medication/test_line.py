import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.cda.values import Code
from liaison.core.medication.line import ATC, CIS, drug_name, is_prolonged_release, plain, substance_codes
from liaison.core.medication.posology import same_dose, same_frequency, strength
from liaison.core.medication.risk import high_risk_class


@pytest.mark.parametrize(
    ("label", "name", "bears"),
    [
        ("KARDEGIC 75 mg, poudre pour solution buvable en sachet-dose", "KARDEGIC", "75 MG"),
        ("Doliprane 1000mg cpr", "DOLIPRANE", "1000MG"),
        ("Paracétamol Biogaran 1 g, comprimé", "PARACETAMOL", "1 G"),
        ("Vitamine B12 1000 µg", "VITAMINE B12", "1000 UG"),
        ("UVEDOSE 100 000 UI sol buv", "UVEDOSE", "100 000 UI"),
        ("SKENAN LP 10 mg gélule", "SKENAN", "10 MG"),
        ("LANTUS 100 unités/ml SOLOSTAR", "LANTUS", "100 UNITES/ML"),
        ("AMOXICILLINE/ACIDE CLAVULANIQUE 1 g/125 mg", "AMOXICILLINE/ACIDE CLAVULANIQUE", "1 G/125 MG"),
        ("", "", ""),
    ],
)
def test_the_name_stands_before_the_strength_and_the_form(label: str, name: str, bears: str) -> None:
    assert drug_name(label) == name
    assert strength(label) == bears


@given(st.text(max_size=40))
def test_any_label_is_read_without_error(label: str) -> None:
    assert drug_name(label) == "" or drug_name(label) in plain(label).replace(",", " ") or " " in drug_name(label)
    assert same_dose(label, label)
    assert same_frequency(label, label)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2,5 mg", "2.5mg"),
        ("1 g", "1000 mg"),
        ("0,125 mg", "125 µg"),
        ("1 comprimé", "1 {tbl}"),
        ("100 000 UI", "100000 ui"),
    ],
)
def test_two_writings_of_one_amount_are_the_same_dose(one: str, other: str) -> None:
    assert same_dose(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 mg", "2,5 mg"),
        ("5 mg", "5 g"),
        ("1", "1 {tbl}"),
        ("10 mg", "1 0 mg"),
        ("5 mg", ""),
        ("1 comprimé", "1 gélule"),
    ],
)
def test_any_other_difference_is_a_difference(one: str, other: str) -> None:
    assert not same_dose(one, other)


def test_daily_frequencies_are_compared_whatever_their_words() -> None:
    assert same_frequency("1/d", "1 fois par jour")
    assert same_frequency("une fois par jour", "1/24 h")
    assert not same_frequency("1/j", "2/j")
    assert not same_frequency("matin", "soir")


def test_prolonged_release_is_a_form_of_its_own() -> None:
    assert is_prolonged_release("SKENAN LP 10 mg")
    assert not is_prolonged_release("LPV 10 mg")


def test_a_class_code_names_no_substance() -> None:
    codes = (Code("B01AC06", ATC), Code("B01", ATC), Code("B01AC06", CIS))
    assert substance_codes(codes) == {"B01AC06"}


@pytest.mark.parametrize(
    ("atc", "label", "risk"),
    [
        ("B01AF02", "", "anticoagulants"),
        ("", "Préviscan 20 mg", "anticoagulants"),
        ("A10AE04", "", "insulines"),
        ("", "Insuline glargine", "insulines"),
        ("", "Digoxine 0,125 mg", "digoxine"),
        ("", "PARACETAMOL/CODEINE 500 mg/30 mg", "opioïdes"),
        ("N05BA04", "", "psychotropes"),
        ("N03AX14", "", "antiépileptiques"),
        ("B01AC06", "Kardégic 75 mg", ""),
        ("", "Doliprane", ""),
    ],
)
def test_high_risk_classes_are_known_by_code_or_by_name(atc: str, label: str, risk: str) -> None:
    codes = (Code(atc, ATC),) if atc else ()
    assert high_risk_class(codes, label) == risk

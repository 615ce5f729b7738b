import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.identity.ins import ins_coherent, ins_key, is_valid_ins

sexes = st.sampled_from("12")
years = st.integers(0, 99)
months = st.integers(1, 12)
places = st.sampled_from(["51454", "2A004", "2B033", "97105", "99109", "75114"])


@st.composite
def roots(draw: st.DrawFn) -> str:
    order = draw(st.integers(1, 999))
    return f"{draw(sexes)}{draw(years):02d}{draw(months):02d}{draw(places)}{order:03d}"


@pytest.mark.parametrize(("root", "key"), [("2790351215189", "89"), ("2550814168025", "38"), ("1850578006084", "91")])
def test_the_key_is_97_less_the_number_modulo_97(root: str, key: str) -> None:
    assert ins_key(root) == key


def test_the_key_counts_2a_as_19_and_2b_as_18() -> None:
    assert ins_key("235062A004021") == ins_key("2350619004021")
    assert ins_key("235062B004021") == ins_key("2350618004021")
    assert ins_key("235062A004021") != ins_key("235062B004021")


@pytest.mark.parametrize(
    "root", ["", "27903512151", "9790351215189", "2790351215A89", "279032C215189", "２790351215189"]
)
def test_a_root_of_another_shape_has_no_key(root: str) -> None:
    assert ins_key(root) == ""
    assert not is_valid_ins(root + "89")


@given(roots())
def test_a_root_with_its_key_is_valid(root: str) -> None:
    assert is_valid_ins(root + ins_key(root))


@given(roots(), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen_by_the_key(root: str, position: int, shift: int) -> None:
    if not root[position].isdigit():
        return
    wrong = root[:position] + str((int(root[position]) + shift) % 10) + root[position + 1 :]
    assert wrong == root or not is_valid_ins(wrong + ins_key(root))


@given(roots())
def test_a_matricule_agrees_with_the_traits_it_encodes(root: str) -> None:
    sex = "M" if root[0] == "1" else "F"
    assert ins_coherent(root + ins_key(root), sex, f"19{root[1:3]}-{root[3:5]}-11", root[5:10]) == ()


def codes(matricule: str, sex: str = "F", date: str = "1979-03-28", place: str = "51215") -> list[str]:
    return [notice.code for notice in ins_coherent(matricule, sex, date, place)]


def test_each_trait_the_matricule_contradicts_is_said() -> None:
    assert codes("279035121518989") == []
    assert codes("279035121518989", sex="M") == ["ins_sex_differs"]
    assert codes("279035121518989", date="1976-05-31") == ["ins_year_differs", "ins_month_differs"]
    assert codes("279035121518989", place="51454") == ["ins_place_differs"]
    assert codes("279035121518988") == ["ins_key_wrong"]
    assert codes("27903512151") == ["ins_malformed"]


def test_traits_left_empty_or_partial_are_not_checked() -> None:
    assert codes("279035121518989", sex="", date="", place="") == []
    assert codes("279035121518989", date="1979-00-00") == []


def test_temporary_numbers_and_incomplete_civil_records_are_understood() -> None:
    waiting = "8793351215189"
    assert codes(waiting + ins_key(waiting)) == []
    unknown_month = "2792051215189"
    assert codes(unknown_month + ins_key(unknown_month)) == []
    other_month = "2793451215189"
    assert codes(other_month + ins_key(other_month)) == ["ins_month_differs"]


def test_a_birth_before_the_departments_were_redrawn_is_no_contradiction() -> None:
    algiers = "2350692004021"
    assert codes(algiers + ins_key(algiers), date="1935-06-02", place="99352") == []
    old_corsica = "2350620004021"
    assert codes(old_corsica + ins_key(old_corsica), date="1935-06-02", place="2A004") == []
    assert codes(old_corsica + ins_key(old_corsica), date="1935-06-02", place="2A041") == ["ins_place_differs"]

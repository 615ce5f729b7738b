"""What our own expressions read is what the standard library reads; all that is less plain is left to it."""

from email.utils import getaddresses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liaison.core.mail.encoding import decode_words
from liaison.core.mail.headers import clean, read_addresses, read_parameter
from liaison.core.mail.values import Address

WORDS = st.text(st.sampled_from("aéZ1-+_'=?.,:;()[]\"\\@ \t<>"), max_size=8)
ADDRESSES = st.from_regex(r"[a-z0-9+_.'-]{1,8}@[a-z0-9.-]{1,10}", fullmatch=True)
LABELS = st.one_of(
    WORDS, st.sampled_from(["Dr Paul", "=?utf-8?b?w6k=?=", "A  B", '"D. Paul"', "O'Neil", "CH  de la Vesle"])
)
FIELDS = st.builds("{}{}<{}>{}".format, LABELS, st.sampled_from(["", " ", "  "]), ADDRESSES, WORDS)


@given(FIELDS)
@example("CH de la Vesle <geriatrie@chu.mssante.fr>")
@example("<a@b.fr>")
def test_a_mailbox_is_read_as_the_standard_library_reads_it(value: str) -> None:
    pairs = ((label, address) for label, address in getaddresses([value]) if "@" in address)
    expected = tuple(Address(clean(address), clean(decode_words(label))) for label, address in pairs)
    if expected:
        assert read_addresses(value) == expected


@pytest.mark.parametrize(
    ("parameter", "expected"), [("name", "résumé.pdf"), ("charset", "utf-8"), ("format", "flowed"), ("delsp", "")]
)
def test_a_parameter_cut_in_pieces_leaves_the_others_as_they_are(parameter: str, expected: str) -> None:
    value = "text/plain; charset=\"utf-8\"; name*0*=utf-8''r%C3%A9su; name*1*=m%C3%A9; name*2=.pdf; format=flowed"
    assert read_parameter(value, parameter) == expected

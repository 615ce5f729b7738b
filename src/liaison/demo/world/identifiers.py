"""Identifiers of a valid form, out of the ranges given to real people and establishments."""

import unicodedata

from liaison.core.identity.ins import ins_key


def luhn_key(digits: str) -> str:
    """The digit that makes ``digits`` followed by it pass the Luhn test (RPPS and FINESS end with one)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    return str(-(doubled + sum(int(digit) for digit in digits[-2::-2])) % 10)


def rpps(number: int) -> str:
    """Eleven digits in the range the ANS keeps for test cards (99700...)."""
    root = f"99700{number:05d}"
    return root + luhn_key(root)


def finess(department: str, number: int) -> str:
    """Nine digits: the department, a number of no real establishment, the key."""
    root = f"{department}99{number:04d}"
    return root + luhn_key(root)


def matricule(*, sex: str, year: int, month: int, place: str, order: int) -> str:
    """The fifteen characters of an INS matricule coherent with these traits, its key right."""
    root = f"{1 if sex == 'M' else 2}{year % 100:02d}{month:02d}{place}{order:03d}"
    return root + ins_key(root)


def plain_ascii(text: str) -> str:
    """Lower case, no accent, words joined by hyphens: what an address or a user name is made of."""
    opened = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    letters = "".join(character for character in opened if not unicodedata.combining(character)).lower()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in letters).split())

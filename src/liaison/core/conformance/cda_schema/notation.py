"""How the content models of the CDA schema are written down here, in one line each, and what such a line becomes.

Children: ``name:Type`` once, ``?`` at most once, ``*`` any number, ``+`` one or more, ``++`` two or more,
``(a:A|b:B)`` a choice.
Attributes: ``name=values`` if one likes, ``name!values`` required, and ``'X'`` for the only value there may be.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from liaison.core.cda.terms import HL7

NAMESPACES = {
    "": HL7,
    "sdtc": "urn:hl7-org:sdtc",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    "pharm": "urn:ihe:pharm:medication",
    "dicom": "urn:dicom-org:ps3-20",
}
UNBOUNDED = 1_000_000
_BOUNDS = {"": (1, 1), "?": (0, 1), "*": (0, UNBOUNDED), "+": (1, UNBOUNDED), "++": (2, UNBOUNDED)}


@dataclass(frozen=True, slots=True)
class Particle:
    """A place in a content model: the elements that may stand there, by tag, with their types; and how many."""

    types: dict[str, str]
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """``values`` is the name of a set of values; ``fixed`` the only one there may be."""

    values: str
    is_required: bool
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """What may stand in an element: children in one of several orders, attributes, and whether text may.

    ``is_open`` says that one element of another namespace may stand there, whatever it holds.
    """

    contents: tuple[tuple[Particle, ...], ...]
    attributes: dict[str, Attribute]
    is_mixed: bool = False
    is_open: bool = False
    is_abstract: bool = False


def model(
    attributes: str,
    *contents: str,
    is_mixed: bool = False,
    is_open: bool = False,
    is_abstract: bool = False,
) -> Model:
    """The model that lines of the notation state; several ``contents`` are orders to choose from."""
    return Model(
        tuple(tuple(map(_particle, content.split())) for content in contents or ("",)),
        dict(map(_attribute, attributes.split())),
        is_mixed,
        is_open,
        is_abstract,
    )


def _particle(word: str) -> Particle:
    bare = word.rstrip("?*+")
    least, most = _BOUNDS[word[len(bare) :]]
    names = bare.strip("()").split("|")
    return Particle(dict(map(_element, names)), least, most)


def _element(word: str) -> tuple[str, str]:
    name, _, type_ = word.partition(":")
    prefix, _, local = name.rpartition("/")
    return tag(local, prefix), type_


def tag(local: str, prefix: str = "") -> str:
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _attribute(word: str) -> tuple[str, Attribute]:
    is_required = "!" in word
    name, _, values = word.partition("!" if is_required else "=")
    prefix, _, local = name.rpartition("/")
    fixed = values.strip("'") if values.startswith("'") else ""
    return tag(local, prefix) if prefix else local, Attribute(values, is_required, fixed)


def choice(names: Iterable[str]) -> str:
    """A choice between elements whose types bear their names."""
    return "(" + "|".join(f"{name}:{name[0].upper()}{name[1:]}" for name in names) + ")"

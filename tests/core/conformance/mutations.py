"""Small wounds made to a sound document, each by one stroke on its tree."""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree
from lxml.etree import _Element

from liaison.core.cda.terms import HL7

Mutation = Callable[[_Element], None]
NAMESPACES = {"h": HL7}


def mutated(data: bytes, *mutations: Mutation) -> bytes:
    root = etree.fromstring(data)
    for mutation in mutations:
        mutation(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def found(root: _Element, path: str) -> list[_Element]:
    elements = root.xpath(path, namespaces=NAMESPACES)
    assert isinstance(elements, list), path
    assert elements, path
    return [element for element in elements if isinstance(element, _Element)]


def drop(path: str) -> Mutation:
    def mutation(root: _Element) -> None:
        for element in found(root, path):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return mutation


def twice(path: str) -> Mutation:
    def mutation(root: _Element) -> None:
        element = found(root, path)[0]
        element.addnext(deepcopy(element))

    return mutation


def put(path: str, **attributes: str) -> Mutation:
    def mutation(root: _Element) -> None:
        for element in found(root, path):
            for name, value in attributes.items():
                element.set(name, value)

    return mutation


def rename(path: str, name: str) -> Mutation:
    """Give another name to an element; in the namespace of HL7 unless the name says its own."""

    def mutation(root: _Element) -> None:
        found(root, path)[0].tag = name if name.startswith("{") else f"{{{HL7}}}{name}"

    return mutation


def say(path: str, text: str) -> Mutation:
    """Leave nothing under the element but this text."""

    def mutation(root: _Element) -> None:
        for element in found(root, path):
            for child in list(element):
                element.remove(child)
            element.text = text

    return mutation


def section(code: str) -> str:
    return f".//h:section[h:code/@code='{code}']"


def observation(code: str) -> str:
    return f".//h:observation[h:code/@code='{code}']"

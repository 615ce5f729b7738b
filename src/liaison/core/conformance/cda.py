"""A CDA under examination, and the small questions that the rules put to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from liaison.core.cda.markup import Element, attribute, attribute_at, find, find_all, parse, words
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument
from liaison.core.notices import Unreadable

Test = Callable[[Element], bool]


@dataclass(frozen=True, slots=True)
class Cda:
    """The tree of a document and its reading: a rule asks whichever says it in fewer words."""

    root: Element
    document: CdaDocument

    def at(self, path: str) -> list[Element]:
        """The elements at a path from ClinicalDocument."""
        return find_all(self.root, path)


def open_cda(data: bytes) -> Cda | Unreadable:
    parsed = parse(data)
    document = read_cda(data)
    if isinstance(parsed, Unreadable):
        return parsed
    return document if isinstance(document, Unreadable) else Cda(parsed[0], document)


def exactly_one(path: str, test: Test = lambda _: True) -> Callable[[Cda], Iterator[str]]:
    """Broken when there is none, several, or one that fails the test."""

    def broken_at(cda: Cda) -> Iterator[str]:
        found = cda.at(path)
        if len(found) != 1 or not test(found[0]):
            yield path

    return broken_at


def one_that(path: str, test: Test) -> Callable[[Cda], Iterator[str]]:
    """Broken unless one and only one passes the test, whatever the others are."""

    def broken_at(cda: Cda) -> Iterator[str]:
        if sum(map(test, cda.at(path))) != 1:
            yield path

    return broken_at


def at_least_one(path: str, test: Test = lambda _: True) -> Callable[[Cda], Iterator[str]]:
    """Broken when none passes the test."""

    def broken_at(cda: Cda) -> Iterator[str]:
        if not any(map(test, cda.at(path))):
            yield path

    return broken_at


def at_most_one(path: str, test: Test = lambda _: True) -> Callable[[Cda], Iterator[str]]:
    def broken_at(cda: Cda) -> Iterator[str]:
        if sum(map(test, cda.at(path))) > 1:
            yield path

    return broken_at


def each(path: str, test: Test) -> Callable[[Cda], Iterator[str]]:
    """Broken once for each element that fails the test."""

    def broken_at(cda: Cda) -> Iterator[str]:
        found = cda.at(path)
        for number, element in enumerate(found, start=1):
            if not test(element):
                yield path if len(found) == 1 else f"{path}[{number}]"

    return broken_at


def valued(*names: str) -> Test:
    """Whether every one of these attributes has a value."""
    return lambda element: all(attribute(element, name) for name in names)


def worded(element: Element) -> bool:
    return bool(words(element))


def holds(*paths: str) -> Test:
    """Whether something stands at every one of these paths under the element."""
    return lambda element: all(find(element, path) is not None for path in paths)


def is_identified(element: Element) -> bool:
    """Whether one of the ids under the element has a root."""
    return any(attribute(identifier, "root") for identifier in find_all(element, "id"))


def value_at(element: Element, path: str, name: str = "value") -> str:
    return attribute_at(element, path, name)

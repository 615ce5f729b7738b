"""The schematrons of the ANS on a CDA, from a folder the user has: they are not ours to distribute.

They are XSLT 2, which only Saxon runs: `saxonche` is an optional dependency. Saxon opens external entities by default:
documents reach it only after our own parser, which refuses them, and it is told to refuse document types as well.
"""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from lxml import etree

from liaison.core.cda.markup import Element, parse
from liaison.core.conformance.finding import Finding, Severity
from liaison.core.notices import Unreadable
from liaison.runtime.errors import RuntimeProblem

ENGINE = ("iso_dsdl_include.xsl", "iso_abstract_expand.xsl", "iso_svrl_for_xslt2.xsl")
VOLETS = {
    "1.2.250.1.213.1.1.1.13": "VSM",
    "1.2.250.1.213.1.1.1.21": "LDL-EES",
    "1.2.250.1.213.1.1.1.22": "DLU-EHPAD-DLU",
    "1.2.250.1.213.1.1.1.23": "DLU-EHPAD-FLUDT",
    "1.2.250.1.213.1.1.1.24": "DLU-EHPAD-FLUDR",
    "1.2.250.1.213.1.1.1.29": "LDL-SES",
    "1.2.250.1.213.1.1.1.37": "VAC",
    "1.2.250.1.213.1.1.1.39": "eP-MED-DM",
}
"""The name that the files of a model bear (CI-SIS_<name>_<version>.sch), by the template of its documents."""

_OF_A_VOLET = re.compile(r"CI-SIS_(.+)_(\d[\d.]*)")
_PARTS = frozenset({"abstract", "include", "moteur"})
_NO_DOCTYPE = "http://saxon.sf.net/feature/parserFeature?uri=http://apache.org/xml/features/disallow-doctype-decl"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_NAMESPACE_TEST = re.compile(r"\*:(\w+)\[namespace-uri\(\)='[^']*'\]|\*\[local-name\(\)='(\w+)'[^\]]*\]")
_SEVERITIES: dict[str, Severity] = {"warning": "warning", "warn": "warning", "info": "note", "information": "note"}
_UNPREPARED = "Ce schématron n'a pas pu être préparé : il n'a pas été appliqué."
_UNRUN = "Ce schématron n'est pas allé au bout sur ce document."


class SchematronProblem(RuntimeProblem):
    """Saxon, or the engine of the schematrons, is not there."""


class Schematrons:
    """The schematrons of a folder, each prepared at its first use: some take seconds."""

    def __init__(self, folder: Path) -> None:
        self._saxon = load_saxon()
        self._processor: Any = self._saxon.PySaxonProcessor(license=False)
        self._processor.set_configuration_property(_NO_DOCTYPE, "true")
        self._steps = [self._compiled(path.read_text(encoding="utf-8"), path) for path in find_engine(folder)]
        self._files = find_schematrons(folder)
        self._prepared: dict[Path, Any] = {}

    def check(self, data: bytes, templates: Sequence[tuple[str, str]]) -> Iterator[Finding]:
        """What the schematrons that apply to a document's templates (root, extension) say of it."""
        parsed = parse(data)
        if isinstance(parsed, Unreadable):
            return
        document = self._processor.parse_xml(xml_text=etree.tostring(parsed[0], encoding="unicode"), encoding="UTF-8")
        for path in self._files:
            if applies(path, templates):
                yield from self._run(path, document)

    def _run(self, path: Path, document: Any) -> Iterator[Finding]:
        try:
            stylesheet = self._prepared.get(path) or self._prepare(path)
        except self._saxon.PySaxonApiError:
            yield Finding(path.stem, path.name, "note", _UNPREPARED)
            return
        self._prepared[path] = stylesheet
        try:
            report = stylesheet.transform_to_string(xdm_node=document)
        except self._saxon.PySaxonApiError:
            yield Finding(path.stem, path.name, "note", _UNRUN)
            return
        yield from read_report(report, path.stem)

    def _prepare(self, path: Path) -> Any:
        """The three steps of the ISO engine, then the stylesheet they write, which looks for its files beside it."""
        node = self._processor.parse_xml(xml_file_name=str(path))
        for step in self._steps:
            text = step.transform_to_string(xdm_node=node)
            node = self._processor.parse_xml(xml_text=text, encoding="UTF-8")
        return self._compiled(text, path)

    def _compiled(self, text: str, path: Path) -> Any:
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
        root = etree.fromstring(text.encode("utf-8"), parser)
        root.set(_XML_BASE, path.resolve().as_uri())
        stylesheet = etree.tostring(root, encoding="unicode")
        return self._processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=stylesheet, encoding="UTF-8")


def load_saxon() -> ModuleType:
    try:
        return import_module("saxonche")
    except ImportError:
        raise SchematronProblem(
            "Les schématrons ont besoin de « saxonche », qui n'est pas installé : "
            "uv sync --extra schematron (ou pip install saxonche)."
        ) from None


def find_engine(folder: Path) -> list[Path]:
    """The three stylesheets of the ISO engine that come with the schematrons: inside, or in ``moteur`` beside."""
    found = [next(iter(sorted(folder.glob(f"**/{name}"))), folder.parent / "moteur" / name) for name in ENGINE]
    if not all(path.is_file() for path in found):
        raise SchematronProblem(f"Le dossier des schématrons n'a pas son moteur ({', '.join(ENGINE)}).")
    return found


def find_schematrons(folder: Path) -> list[Path]:
    """The schematrons that stand by themselves: not the parts that others include."""
    found = [path for path in sorted(folder.glob("**/*.sch")) if not _PARTS & set(path.relative_to(folder).parts[:-1])]
    if not found:
        raise SchematronProblem("Ce dossier ne contient aucun schématron (.sch).")
    return found


def applies(path: Path, templates: Sequence[tuple[str, str]]) -> bool:
    """A schematron of one model and version applies to its documents only; every other applies to all."""
    named = _OF_A_VOLET.fullmatch(path.stem)
    if not named:
        return True
    volet, version = named[1], named[2]
    return any(VOLETS.get(root) == volet and extension in ("", version) for root, extension in templates)


def read_report(report: str, rule: str) -> Iterator[Finding]:
    """The failed assertions of an SVRL report, and what it reports without failing."""
    root = etree.fromstring(report.encode("utf-8"), etree.XMLParser(resolve_entities=False, no_network=True))
    for found in root.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
        message = " ".join("".join(map(str, found.itertext())).split())
        name = " ".join(filter(None, (rule, found.get("id"))))
        yield Finding(name, _place(found.get("location", "")), _severity(found), message)


def _place(location: str) -> str:
    """The XPath of the report without the namespaces that make it unreadable."""
    return _NAMESPACE_TEST.sub(lambda match: match[1] or match[2], location)


def _severity(found: Element) -> Severity:
    said = (found.get("role") or found.get("flag") or "").lower()
    return _SEVERITIES.get(said, "error" if found.tag == f"{_SVRL}failed-assert" else "note")

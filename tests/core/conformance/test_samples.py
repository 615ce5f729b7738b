"""Over the folder that LIAISON_SAMPLES names: the ANS publishes these examples as conformant, so no rule may err."""

from pathlib import Path

import pytest
from tests.core.inspection.test_samples import FILES
from tests.core.inspection.test_samples import pytestmark as needs_samples

from liaison.core.conformance.check import check

pytestmark = needs_samples


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_published_example_breaks_no_rule(path: Path) -> None:
    findings = check(path.name, path.read_bytes())
    assert [f"{each.rule} {each.place}" for each in findings if each.severity == "error"] == []

"""Every bench of ``bin/bench`` names a module that measures with the options it is given, and says it in a table."""

import inspect

import pytest
from benchmarks.__main__ import BENCHES, main


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_takes_the_options_of_its_command(name: str) -> None:
    bench = BENCHES[name]
    module = pytest.importorskip(bench.module, reason="its peers come with bin/bench", exc_type=ModuleNotFoundError)
    parameters = inspect.signature(module.measure).parameters
    assert set(bench.options) <= set(parameters)
    needed = {one.name for one in parameters.values() if one.default is inspect.Parameter.empty}
    assert needed <= set(bench.options)
    assert callable(module.table)
    assert not bench.sound or callable(getattr(module, bench.sound))


@pytest.mark.parametrize("arguments", [["read", "--messages", "0"], ["read", "--pdf", "huge"], ["nothing"], []])
def test_a_wrong_call_ends_with_2_before_anything_is_measured(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2

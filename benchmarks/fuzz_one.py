"""One atheris target in its own process: ``python -m benchmarks.fuzz_one TARGET CORPUS [libFuzzer options]``."""

import logging
import sys

import atheris

with atheris.instrument_imports(include=["liaison"]):
    from tests.fuzz.targets import TARGETS


def main(arguments: list[str]) -> None:
    program, name, *options = arguments
    logging.disable(logging.CRITICAL)
    atheris.Setup([program, *options], TARGETS[name].check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)

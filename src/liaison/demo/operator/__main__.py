"""``python -m liaison.demo.operator CONFIG.json``: one operator, until SIGTERM or SIGINT.

Prints ``operator NAME ready`` once every port listens. Exit code 2, and why in French, when it cannot start;
1 when it had to give up, the queue kept on disk.
"""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from liaison.demo.operator.config import OperatorConfig
from liaison.demo.operator.service import CannotStartError, Operator, quiet_libraries


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m liaison.demo.operator", description="Opérateur de démonstration.")
    parser.add_argument("config", type=Path, help="fichier de configuration (JSON)")
    path = parser.parse_args().config
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    quiet_libraries()
    try:
        return asyncio.run(serve(OperatorConfig.load(path)))
    except (CannotStartError, ValueError) as error:
        sys.stderr.write(f"L'opérateur ne peut pas démarrer : {error}\n")
        return 2


async def serve(config: OperatorConfig) -> int:
    """Run until a signal asks to stop (exit code 0) or the courier fails (1)."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    operator = Operator(config)
    await operator.start()
    sys.stdout.write(f"operator {config.name} ready\n")
    sys.stdout.flush()
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait({waiting, operator.courier}, return_when=asyncio.FIRST_COMPLETED)
    failed = operator.courier.done()
    await operator.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

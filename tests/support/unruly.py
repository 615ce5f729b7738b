"""Readers that a file from outside made go wrong. They import little: the process that runs them must start fast."""

import os
import time


def hangs(*_: object) -> None:
    time.sleep(60)


def falls(*_: object) -> None:
    os._exit(3)


def swallows(*_: object) -> None:
    bytearray(8 * 1024**3)

"""The hospitals: they sign their documents, pack them as MSSanté asks, and send them to the homes.

``python -m liaison.demo.hospital CONFIG`` sends by itself; ``compose_sending`` and ``send`` make one sending.
"""

from liaison.demo.hospital.flaws import FLAWS, Flaw, compose_flawed
from liaison.demo.hospital.sending import Kind, Sending, compose_sending, send

__all__ = ["FLAWS", "Flaw", "Kind", "Sending", "compose_flawed", "compose_sending", "send"]

"""`liaison scenario`: the leaflet played once, and proven."""

from liaison.demo.scenario.run import run

__all__ = ["run"]

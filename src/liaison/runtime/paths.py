"""Where the state of one installation lives on this machine."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

_CLONE = Path(__file__).resolve().parents[3]
_FOLDERS = ("blobs", "keys", "static", "demo", "log", "run")


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds all state but PostgreSQL's own files when root runs them (see `postgres`)."""

    folder: Path

    @classmethod
    def current(cls) -> "Home":
        """LIAISON_HOME, else `var` in the clone this code runs from, else ~/.local/share/liaison."""
        chosen = os.environ.get("LIAISON_HOME")
        if chosen:
            return cls(Path(chosen).expanduser().resolve())
        if (_CLONE / "pyproject.toml").is_file() and (_CLONE / "bin" / "liaison").is_file():
            return cls(_CLONE / "var")
        return cls(Path.home() / ".local" / "share" / "liaison")

    @property
    def blobs(self) -> Path:
        return self.folder / "blobs"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def static(self) -> Path:
        return self.folder / "static"

    @property
    def demo(self) -> Path:
        return self.folder / "demo"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def postgres(self) -> Path:
        """PostgreSQL refuses root, so root's files go where the account it is handed to can reach them."""
        chosen = os.environ.get("LIAISON_POSTGRES_HOME")
        if chosen:
            return Path(chosen).expanduser().resolve()
        if os.geteuid() == 0:
            return Path("/var/lib/liaison") / hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return self.folder / "postgres"

    def create(self) -> "Home":
        """Make the sub-folders, closed to other accounts; safe to repeat."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _FOLDERS:
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        return self

"""A disk of a few megabytes, in a room of its own: for root and for anybody else."""

import errno
import subprocess
from contextlib import suppress
from pathlib import Path

BLOCK = 64 * 1024


class SmallDisk:
    """A tmpfs at `folder`, seen by commands that begin with `prefix`, and by `inside`.

    It is mounted in a namespace that a sleeping process holds open; with that process
    it goes away. OSError where the machine does not allow namespaces.
    """

    def __init__(self, folder: Path, megabytes: int) -> None:
        mount = f"mount -t tmpfs -o size={megabytes}m tmpfs '{folder}'"
        sleep = f"{mount} && echo ready && exec sleep 3600"
        self.sleeper = subprocess.Popen(  # noqa: S603  # our own
            ["/usr/bin/env", "unshare", "-Urm", "sh", "-c", sleep],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.sleeper.stdout
        if self.sleeper.stdout.readline() != "ready\n":
            self.close()
            raise OSError("no room of its own on this machine")
        pid = str(self.sleeper.pid)
        self.prefix = ["nsenter", "-t", pid, "-U", "-m", "--preserve-credentials"]
        self.inside = Path(f"/proc/{pid}/root{folder}")
        self.ballast = self.inside / "ballast"

    def fill(self) -> None:
        """Leave not one block free."""
        size = BLOCK
        with self.ballast.open("ab", buffering=0) as file:
            while size:
                try:
                    file.write(b"x" * size)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def clear(self) -> None:
        self.ballast.unlink(missing_ok=True)

    def close(self) -> None:
        self.sleeper.kill()
        self.sleeper.wait()
        if self.sleeper.stdout:
            with suppress(OSError):
                self.sleeper.stdout.close()

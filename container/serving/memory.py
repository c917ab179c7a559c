"""How much memory a process takes."""

import re
from pathlib import Path

_PSS = re.compile(rb"^Pss:\s+(\d+) kB$", re.MULTILINE)


def memory_mib(process: int) -> int:
    """The process's share of the memory in use, in MiB: pages that several use count for each in part.

    Returns:
        0 for a process that is gone, or where Linux does not tell.
    """
    try:
        told = _PSS.search(Path(f"/proc/{process}/smaps_rollup").read_bytes())
    except OSError:
        return 0
    return int(told.group(1)) // 1024 if told is not None else 0

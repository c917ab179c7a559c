"""How much memory a process takes."""

import os
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def memory_mib(process: int) -> int:
    """What the process has in memory for itself, in MiB: without files that are mapped, which others may share.

    Any user may read it of any process, which `smaps_rollup` and its finer figures do not allow.

    Returns:
        0 for a process that is gone, or where there is no Linux to tell.
    """
    try:
        _, resident, shared, *_ = Path(f"/proc/{process}/statm").read_text().split()
    except OSError:
        return 0
    return (int(resident) - int(shared)) * _PAGE_BYTES // (1024 * 1024)

"""What the system lets one process hold."""

import resource


def allow_open_files(wanted: int) -> int:
    """Raise this process's own limit of open files to ``wanted``, as far as the system allows; the limit in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ceiling = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < ceiling:
        resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))
    return max(soft, ceiling)

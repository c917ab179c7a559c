"""Giving up being root: the front becomes one user, the workers, which run the author's code, another one.

The front keeps three capabilities of root, and no others: to start workers as their user, and to end them. A worker has
none: it cannot signal the front, or read its memory. https://man7.org/linux/man-pages/man7/capabilities.7.html

Neither of them gets any back by running a program that belongs to root, such as `su`.
https://docs.kernel.org/userspace-api/no_new_privs.html
"""

import ctypes
import os
import pwd

from serving.errors import ConfigError

_PR_SET_KEEPCAPS = 8
_PR_SET_NO_NEW_PRIVS = 38
_VERSION_3 = 0x20080522
_CAP_KILL, _CAP_SETGID, _CAP_SETUID = 5, 6, 7
_KEPT = 1 << _CAP_KILL | 1 << _CAP_SETGID | 1 << _CAP_SETUID


def user_named(name: str | None, *, variable: str) -> pwd.struct_passwd | None:
    """The user that a setting names, or None if there is none to become.

    Args:
        name: The setting.
        variable: Its environment variable, for the message.

    Raises:
        ConfigError: There is no such user.
    """
    if name is None or os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise ConfigError(
            f"{variable} names {name!r}, which is no user here; create it in the Dockerfile, or set "
            f"{variable} to nothing."
        ) from None


def become(user: pwd.struct_passwd, *, starts_others: bool) -> None:
    """Be this user from now on.

    Args:
        user: Whom to become.
        starts_others: Whether to stay able to start processes as another user.

    Raises:
        ConfigError: The container was started without the capabilities that this takes.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if starts_others and libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0:
        raise _lacking()
    try:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    except PermissionError as reason:
        raise ConfigError(
            f"The container cannot become the user {user.pw_name} ({reason.strerror}): allow it CAP_SETUID, CAP_SETGID "
            "and CAP_KILL, start it as another user than root, or set SERVING_USER to nothing."
        ) from reason
    if starts_others:
        header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)(
            _KEPT, _KEPT, 0, 0, 0, 0
        )  # effective, permitted, inheritable, and their high halves
        if libc.capset(header, sets) != 0:
            raise _lacking()
    os.environ.update(environment_of(user))


def become_in_child(user: pwd.struct_passwd) -> None:
    """The same in a process that was forked and runs another program next; that one has no capabilities at all."""
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def environment_of(user: pwd.struct_passwd) -> dict[str, str]:
    """The variables that say who a process is."""
    return {"HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}


def _lacking() -> ConfigError:
    return ConfigError(
        f"Workers cannot be another user than the front ({os.strerror(ctypes.get_errno())}): allow the container "
        "CAP_SETUID, CAP_SETGID and CAP_KILL, or set SERVING_WORKER_USER to nothing."
    )

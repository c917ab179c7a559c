"""A process that loads the model once and then becomes workers by forking, which share what it has loaded.

Started as `python -m serving.template SOCKET NAME MODEL_DIR`: an inherited descriptor, the name in the log, and what it
loads. `starter.FromTemplate` tells what is said on the socket. It answers no request, and has no thread of its own that
a fork would lose.
"""

import os
import selectors
import signal
import socket
import sys

from serving import worker
from serving.worker import Loaded


def main(arguments: list[str]) -> None:
    """Load, and fork until the socket ends."""
    descriptor, name, model_dir = arguments
    with socket.socket(fileno=int(descriptor)) as control, selectors.DefaultSelector() as waiting:
        loaded = worker.load(name, model_dir)
        woken, wake = socket.socketpair()
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # the byte on the socket is what counts
        waiting.register(control, selectors.EVENT_READ)
        waiting.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in waiting.select()}
            if woken in ready:
                woken.recv(4096)
                _tell_who_ended(control)
            if control in ready and not _fork(control, loaded):
                return


def _fork(control: socket.socket, loaded: Loaded) -> bool:
    """Become the worker that is asked for, in a process of its own. Whether the crew is still there."""
    name, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
    if not name:
        return False
    pid = os.fork()
    if pid == 0:
        control.close()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)
        if "numpy.random" in sys.modules:  # else all workers would draw the same numbers
            sys.modules["numpy.random"].seed()
        code = 1
        try:
            worker.run(name.decode().strip(), descriptors[0], loaded)
            code = 0
        finally:
            os._exit(code)
    os.close(descriptors[0])
    control.sendall(b"%d\n" % pid)
    return True


def _tell_who_ended(control: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        control.sendall(b"%d %d\n" % (pid, status))


if __name__ == "__main__":
    main(sys.argv[1:])

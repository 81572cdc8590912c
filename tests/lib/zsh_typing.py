#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""zsh_typing.py COMPLETION LINE...: what becomes of each line when somebody types it into a zsh that has loaded the
completion (of jqm), and then a tab.  A line each; without blanks at its end.  Gives up after 30 s without a word."""
import os
import pty
import select
import shutil
import sys
import tempfile

PATIENCE_S = 30
SETUP = """fpath=({directory} $fpath)
autoload -Uz compinit
compinit -u -D
show() {{ print -r -- "<<$BUFFER>>"; BUFFER=; zle accept-line }}
zle -N show
bindkey '^X' show
bindkey '^I' complete-word
PS1='ready> '
"""


def read_until(fd, seen, mark):
    """What comes up to and with the mark; the rest stays in seen."""
    while mark not in seen:
        if not select.select([fd], [], [], PATIENCE_S)[0]:
            sys.exit(f"zsh did not say {mark!r} but {bytes(seen)!r}")
        try:
            seen += os.read(fd, 65536)
        except OSError:
            sys.exit(f"zsh ended: {bytes(seen)!r}")
    at = seen.index(mark) + len(mark)
    text = bytes(seen[:at])
    del seen[:at]
    return text


def main():
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(sys.argv[1], os.path.join(directory, "_jqm"))
        with open(os.path.join(directory, ".zshrc"), "w", encoding="utf-8") as out:
            out.write(SETUP.format(directory=directory))
        environment = {"PATH": os.environ["PATH"], "HOME": directory, "ZDOTDIR": directory, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        pid, fd = pty.fork()
        if pid == 0:
            os.execvpe("zsh", ["zsh", "-d", "-i"], environment)
        seen = bytearray()
        for line in sys.argv[2:]:
            read_until(fd, seen, b"ready> ")
            os.write(fd, line.encode() + b"\t\x18")
            read_until(fd, seen, b"<<")
            print(read_until(fd, seen, b">>")[:-2].decode().rstrip())
        os.close(fd)
        os.waitpid(pid, 0)


main()

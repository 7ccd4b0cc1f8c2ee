"""A program for the supervisor's tests: supervises the commands given as JSON and prints what happens.

Runs in a process of its own, because a supervisor ends every child of its process that it does not know.
"""

import json
import signal
import sys

from socialapp.supervisor import Process, Supervisor


def main() -> None:
    supervisor = Supervisor(lambda name, line: print(f"{name or 'up'}: {line}", flush=True))
    signal.signal(signal.SIGTERM, supervisor.ask_to_stop)
    for options in json.loads(sys.argv[1]):
        supervisor.start(Process(**options))
    supervisor.run()
    supervisor.stop()
    print("up: stopped", flush=True)


if __name__ == "__main__":
    main()

"""`manage.py up`: the whole site on one machine under one supervisor. What `make up` calls."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from socialapp import engines, preparation
from socialapp.checks import is_loopback
from socialapp.supervisor import Child, Process, Supervisor, die_with_parent, how_it_ended

COLOURS = {
    "web": "cyan",
    "worker": "green",
    "media": "magenta",
    "beat": "blue",
    "redis": "yellow",
    "demo": "bright_black",
}
PROGRESS = re.compile(r"^\[(\d+)/(\d+)\] (.*)$")  # how a long step's process tells how far it is
PATIENCE = 120.0  # seconds for an engine or the web process to answer, on a slow disk


class Command(BaseCommand):
    help = "Start everything on this machine: engines, web, workers, beat. Ctrl-C stops all of it."
    requires_system_checks: list[str] = []  # handled here, with our own words

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--die-with-parent", action="store_true", help="stop when the calling process (make) dies"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["die_with_parent"]:
            die_with_parent()
        self.console = Console(highlight=False, soft_wrap=True)
        self.began = time.monotonic()
        self.stopping = False
        self.told: tuple[int, int, str] | None = None  # how far the demo is
        self.address = f"http://{_in_url(settings.HOST)}:{settings.PORT}/"
        self._refuse_bad_configuration()
        lock = self._take_lock()
        self._refuse_taken_port()
        self._say(f"[bold]{settings.SITE_NAME}[/bold] starts with its data in {_short(settings.DATA_DIR)}")
        supervisor = Supervisor(self._print, hold=[lock.fileno()], pids=settings.DATA_DIR / "pids.json")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.ask_to_stop)
        try:
            self._serve(supervisor)
        finally:
            self.stopping = True
            self._say("stopping …")
            supervisor.stop()
            self._say("everything stopped; the data is kept")

    def _serve(self, supervisor: Supervisor) -> None:
        self._start_broker(supervisor)
        if supervisor.stopping:
            return
        demo = self._start_demo(supervisor)
        self._prepare()
        preparation.ensure_push_key()
        password, _new = preparation.ensure_admin()
        web, *others = processes()
        supervisor.start(web)
        self._wait_for_web(supervisor)
        if supervisor.stopping:
            return
        for process in others:  # they take a core each while they start, and pages come first
            supervisor.start(process)
        self._done("web", f"answers after {time.monotonic() - self.began:.1f} s")
        complete = self._finish_demo(supervisor, demo) if demo else wants_demo()
        if not supervisor.stopping:
            self._welcome(complete, password)
            supervisor.run()

    # --- before anything starts ----------------------------------------------------------------------------

    def _refuse_bad_configuration(self) -> None:
        found = checks.run_checks()
        errors = [message for message in found if message.level >= checks.ERROR]
        if errors:
            raise CommandError("Not started:\n" + "\n".join(f"  {error.msg}" for error in errors))
        for message in found:
            self._say(f"[yellow]note[/yellow] {message.msg}")

    def _take_lock(self) -> IO[str]:
        """One supervisor a data folder. One that was killed still holds it while its children end, so wait for that."""
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        lock = (settings.DATA_DIR / "up.lock").open("a+")
        deadline = time.monotonic() + 12
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                lock.truncate(0)
                print(os.getpid(), self.address, file=lock, flush=True)
                return lock
            except OSError:
                lock.seek(0)
                pid, _space, address = lock.read().strip().partition(" ")
                if (pid and _exists(int(pid))) or time.monotonic() > deadline:
                    where = f" at {address}" if address else ""
                    raise CommandError(
                        f"It already runs{where} with its data in {settings.DATA_DIR}. "
                        "Stop that one first, or set DATA_DIR and PORT for a second."
                    ) from None
                time.sleep(0.1)

    def _refuse_taken_port(self) -> None:
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST.strip("[]"), settings.PORT))
                probe.listen()
            except PermissionError:
                raise CommandError(
                    f"PORT={settings.PORT} needs more rights than this user has. Choose one above 1023."
                ) from None
            except socket.gaierror:
                raise CommandError(f"HOST={settings.HOST} is not an address of this machine.") from None
            except OSError:
                raise CommandError(
                    f"PORT={settings.PORT} on {settings.HOST} is in use by another program. "
                    f"Stop that one, or choose another: PORT={settings.PORT + 1} make up"
                ) from None

    # --- the steps ------------------------------------------------------------------------------------------------

    def _start_broker(self, supervisor: Supervisor) -> None:
        greeting = Held()
        if not os.environ.get("REDIS_URL"):
            path = engines.socket_path(settings.REDIS_URL)
            assert path is not None  # noqa: S101 - the default is a socket
            path.unlink(missing_ok=True)  # we hold the lock: nobody serves it
            try:
                command = engines.redis_command(path, settings.DATA_DIR / "redis")
            except engines.EngineMissing as error:
                raise CommandError(str(error)) from error
            # It greets at length. Its words are shown if it does not start, and from then on.
            child = supervisor.start(Process("redis", command, engine=True, on_line=greeting.hold))
            what = Path(command[0]).name
        else:
            child, what = None, "the server that REDIS_URL names"

        def up() -> bool:
            if child is not None and child.exit_code is not None:
                for line in greeting.release():
                    self._print("redis", line)
                raise CommandError(
                    f"The Redis-protocol server does not start ({how_it_ended(child.exit_code)}); it says why above."
                )
            return engines.answers(settings.REDIS_URL)

        if not supervisor.run(until=up, timeout=PATIENCE) and not supervisor.stopping:
            raise CommandError("REDIS_URL: no Redis-protocol server answers there.")
        greeting.release()
        self._done("broker", what)

    def _prepare(self) -> None:
        kind = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
        with self.console.status("preparing the database …"):
            compiled, migrated = preparation.compile_translations(), preparation.migrate()
        self._done(
            "database", f"{kind}, {migrated} migrations applied" if migrated else f"{kind}, up to date"
        )
        with self.console.status("gathering page files …"):
            gathered = preparation.collect_static()
        if gathered or compiled:
            self._done("page files", f"{gathered} gathered, {compiled} translations compiled")

    def _wait_for_web(self, supervisor: Supervisor) -> None:
        web = supervisor.children["web"]

        def up() -> bool:
            if web.exit_code is not None:
                raise CommandError(
                    f"The web process does not start ({how_it_ended(web.exit_code)}); it says why above."
                )
            return _answers(f"{self.address}healthz")

        if not supervisor.run(until=up, timeout=PATIENCE) and not supervisor.stopping:
            raise CommandError("The web process does not answer.")

    def _start_demo(self, supervisor: Supervisor) -> Child | None:
        """Seeds the demo, once a database: one core draws its first clips while the other makes the tables. None: no need to."""
        if not wants_demo() or (_stamp().exists() and _stamp().read_text().strip() == _database()):
            return None

        def on_line(line: str) -> bool:
            match = PROGRESS.match(line)
            if match:
                self.told = int(match[1]), int(match[2]), match[3]
            return bool(match)

        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "seed_demo", "--before-tables"]
        env = {"PROGRESS": "lines"}
        return supervisor.start(Process("demo", command, env=env, restart=False, niceness=5, on_line=on_line))

    def _finish_demo(self, supervisor: Supervisor, demo: Child) -> bool:
        """Waits for the demo to be stored and shows how far it is; whether it is complete."""
        self._say(f"pages are at {self.address} already; the demo is drawn now, once")
        with _bar(self.console, self._say) as show:

            def ended() -> bool:
                if self.told:
                    show(*self.told)
                return demo.exit_code is not None

            supervisor.run(until=ended)
        if demo.exit_code != 0:
            if not supervisor.stopping:
                self._say(
                    "[red]✗[/red] demo        is not complete; it says why above. The next start tries again."
                )
            return False
        _stamp().write_text(_database() + "\n")
        self._done("demo", "drawn and stored")
        return True

    # --- words ---------------------------------------------------------------------------------------------------

    def _welcome(self, demo: bool, password: str | None) -> None:
        lines = [
            "",
            f"  [bold]{settings.SITE_NAME} is at [link={self.address}]{self.address}[/link][/bold]",
            "",
        ]
        if demo:
            lines.append(
                "  demo    [bold]alice[/bold] bob carol dave brand, password [bold]demo-password[/bold]"
            )
        known = f"password [bold]{password}[/bold]" if password else "with the password you chose"
        lines += [
            f"  admin   [bold]{preparation.ADMIN}[/bold], {known}, at {self.address}admin/",
            "",
            "  Ctrl-C stops everything.",
            "",
        ]
        self.console.print("\n".join(lines))

    def _print(self, name: str, line: str) -> None:
        """One line of a child (or of the supervisor itself) with its name before it."""
        if not line.strip() or (self.stopping and name):
            return  # what children say while they are being stopped is not news
        self.console.print(
            Text.assemble((f"{name or 'up':>7} │ ", COLOURS.get(name, "bold")), Text.from_ansi(line))
        )

    def _say(self, markup: str) -> None:
        self.console.print(f"  {markup}")

    def _done(self, what: str, how: str) -> None:
        self._say(f"[green]✓[/green] {what:<11} {how}")


def wants_demo() -> bool:
    """Whether this site is to have the demo people, whose password everybody knows."""
    return bool(settings.DEMO == "1" or (settings.DEMO != "0" and is_loopback(settings.HOST)))


def _stamp() -> Path:
    """The file that names the database which the demo was stored in."""
    return Path(settings.DATA_DIR / "demo_seeded")


def _database() -> str:
    return hashlib.sha256(json.dumps(settings.DATABASES["default"]["NAME"]).encode()).hexdigest()[:16]


@contextlib.contextmanager
def _bar(console: Console, say: Callable[[str], None]) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar in a terminal; elsewhere (a log file) a line for each fifth of the way."""
    if not console.is_terminal:
        said = [0]

        def note(done: int, of: int, what: str) -> None:
            fifth = done * 5 // of if of else 0
            if fifth > said[0]:
                said[0] = fifth
                say(f"demo: {fifth * 20} %, {what}")

        yield note
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(TextColumn("  demo"), *columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=None)
        yield lambda done, of, what: progress.update(bar, completed=done, total=of, description=what)


class Held:
    """Lines that are kept back until they are released; later ones pass."""

    def __init__(self) -> None:
        self.lines: list[str] | None = []

    def hold(self, line: str) -> bool:
        if self.lines is None:
            return False
        self.lines.append(line)
        return True

    def release(self) -> list[str]:
        held, self.lines = self.lines or [], None
        return held


def processes() -> list[Process]:
    """Web, workers and beat of the embedded default: sized for two cores, where clips must not slow pages down."""
    celery = [sys.executable, "-m", "celery", "-q", "-A", "socialapp"]
    worker = [*celery, "worker", "--loglevel", "warning", "--without-gossip", "--without-mingle"]
    # Who runs this as root in a container of their own need not be told so by each worker.
    quiet = "ignore:You're running the worker with superuser privileges"
    root = {"PYTHONPATH": str(settings.BASE_DIR), "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS", quiet)}
    cores = os.cpu_count() or 2
    web = [
        *(
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--host",
            settings.HOST.strip("[]"),
            "--port",
            str(settings.PORT),
        ),
        *(
            "--workers",
            "1",
            "--respawn-failed-workers",
            "--workers-kill-timeout",
            "5",
            "--log-level",
            "warning",
        ),
        "socialapp.asgi:application",
    ]
    return [
        Process("web", web, env=root),
        Process(
            "worker",
            [*worker, "-Q", "default", "-n", "default@%h", "--pool", "threads", "--concurrency", "4"],
            env=root,
        ),
        # One clip at a time for each two cores: ffmpeg itself uses several threads. SIGQUIT does not wait for a clip to be
        # done: its row goes back to the queue when the lease ends.
        Process(
            "media",
            [
                *worker,
                "-Q",
                "media",
                "-n",
                "media@%h",
                "--pool",
                "prefork",
                "--concurrency",
                str(max(1, cores // 2)),
            ],
            env=root,
            niceness=5,
            stop_signal=signal.SIGQUIT,
        ),
        Process(
            "beat",
            [*celery, "beat", "--loglevel", "warning", "-s", str(settings.DATA_DIR / "beat"), "--pidfile="],
            env=root,
        ),
    ]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return True  # it serves; ALLOWED_HOSTS may not name the address it listens on
    except (OSError, ValueError):
        return False


def _in_url(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host.strip("[]"), host.strip("[]"))  # noqa: S104
    return f"[{host}]" if ":" in host else host


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _short(path: Path) -> str:
    """A path as people write it: relative to where they are, if it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)

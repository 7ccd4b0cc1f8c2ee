"""`python -m tests.stack.compose <folder>`: docker-compose.yml's processes without containers.

The commands, settings and the proxy's configuration are read from the files that are deployed. Only what containers give
is put in their place: host names and ports, volumes' folders, and for the object store the folder it would keep.
"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from socialapp.engines import answers, redis_binary
from socialapp.supervisor import Process, Supervisor
from tests.stack.servers import Cluster, free_port

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = ("web", "realtime", "worker-default", "worker-media", "beat")
STOP_SIGNALS = {"SIGTERM": signal.SIGTERM, "SIGQUIT": signal.SIGQUIT}


class Compose:
    """docker-compose.yml as it would run, with every address and folder moved to this machine."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.ports = {
            name: free_port()
            for name in ("proxy:8080", "web:8001", "realtime:8002", "database:5432", "broker:6379")
        }
        self.url = f"http://127.0.0.1:{self.ports['proxy:8080']}"
        secrets = self._secrets()
        text = (ROOT / "docker-compose.yml").read_text()
        self.services = yaml.safe_load(_interpolated(text, secrets))["services"]

    def _secrets(self):
        """What deploy/make-env writes: the real script makes the secrets."""
        path = self.folder / ".env"
        if not path.exists():
            made = subprocess.run(
                [sys.executable, "deploy/make-env", self.url],
                cwd=ROOT,
                env={**os.environ, "ENV_FILE": str(path)},
                stdout=subprocess.DEVNULL,
            )
            made.check_returncode()
        pairs = (
            line.partition("=") for line in path.read_text().splitlines() if line and not line.startswith("#")
        )
        return {name: value for name, _equals, value in pairs}

    def moved(self, name, text):
        """A value of service `name` with host names, ports and container folders as they are here."""
        for address, port in self.ports.items():
            text = text.replace(address, f"127.0.0.1:{port}")
        for volume in self.services[name].get("volumes", []):
            source, target = volume.split(":")[:2]
            text = text.replace(
                target, str(ROOT / source if source.startswith("./") else self.folder / source)
            )
        return text

    def environment(self, name):
        settings = {
            key: self.moved(name, str(value))
            for key, value in self.services[name].get("environment", {}).items()
        }
        if settings.get("STORAGE_URL", "").startswith("s3://"):
            settings["STORAGE_URL"] = f"file://{self.folder / 'files' / 'site'}"
        if "TRUSTED_PROXIES" in settings:  # the proxy's address: a private network there, the loopback here
            settings["TRUSTED_PROXIES"] = "127.0.0.1/32"
        return settings

    def command(self, name):
        words = [self.moved(name, str(word)) for word in self.services[name]["command"]]
        if "--port" in words:
            at = words.index("--port") + 1
            words[at] = str(self.ports[f"{name}:{words[at]}"])
        return [word.replace("0.0.0.0", "127.0.0.1") for word in words]

    def process(self, name, **options):
        stop = STOP_SIGNALS[self.services[name].get("stop_signal", "SIGTERM")]
        return Process(name, self.command(name), env=self.environment(name), stop_signal=stop, **options)

    def broker(self):
        command = [
            redis_binary(),
            *self.command("broker")[1:],
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.ports["broker:6379"]),
        ]
        (self.folder / "broker").mkdir(exist_ok=True)
        return Process("broker", [*command, "--dir", str(self.folder / "broker")], engine=True)

    def proxy(self):
        """nginx with the deployed template, filled in as the image's entry point does (envsubst)."""
        values = {
            name: self.moved("proxy", str(value))
            for name, value in self.services["proxy"]["environment"].items()
        }
        run = self.folder / "nginx"
        run.mkdir(exist_ok=True)
        values |= {"RUN_DIR": str(run), "LISTEN": f"127.0.0.1:{self.ports['proxy:8080']}"}
        template = (ROOT / "deploy" / "nginx.conf.template").read_text()
        configuration = run / "nginx.conf"
        configuration.write_text(re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], template))
        words = self.command("proxy")
        if os.geteuid() == 0:  # our temporary folder is for our user only
            words = [word.replace("daemon off;", "daemon off; user root;") for word in words]
        return Process("proxy", [*words, "-p", str(run), "-e", "stderr", "-c", str(configuration)])


def _interpolated(text, values):
    """Compose's ${NAME}, ${NAME:-default}, ${NAME:?message} and $$."""

    def value(match):
        if match[0] == "$$":
            return "$"
        name, sign, rest = match[1], match[2], match[3]
        if values.get(name):
            return values[name]
        assert sign != ":?", f"{name}: {rest}"
        return rest or ""

    return re.sub(r"\$\$|\$\{(\w+)(?:(:[-?])([^}]*))?\}", value, text)


def main():
    folder = Path(sys.argv[1])
    compose = Compose(folder)
    cluster = Cluster(folder, compose.ports["database:5432"])
    supervisor = Supervisor(
        lambda name, line: print(f"{name or 'compose'}: {line}", flush=True), pids=folder / "pids.json"
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.ask_to_stop)
    try:
        supervisor.start(
            Process(
                "database",
                cluster.command_from_root,
                env={"LC_ALL": "C.UTF-8"},
                stop_signal=signal.SIGINT,
                engine=True,
            )
        )
        supervisor.start(compose.broker())
        environment = compose.environment("web")
        supervisor.run(until=cluster.ready, timeout=30)
        supervisor.run(until=lambda: answers(environment["REDIS_URL"]), timeout=30)
        prepare = supervisor.start(compose.process("prepare", restart=False))
        supervisor.run(until=lambda: prepare.exit_code is not None, timeout=120)
        if prepare.exit_code:
            sys.exit("prepare failed")
        for name in PROCESSES:
            supervisor.start(compose.process(name))
        supervisor.start(compose.proxy())
        (folder / "state.json").write_text(json.dumps({"url": compose.url, "environment": environment}))
        supervisor.run()
    finally:
        supervisor.stop()


if __name__ == "__main__":
    main()

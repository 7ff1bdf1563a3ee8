"""The image programs run on: built from ``sandbox/Dockerfile``, used by content id."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import cast

import docker.errors
import requests
from docker.api.client import APIClient

from probe.errors import PrerequisiteError, ProbeError
from probe.paths import data_folder
from probe.sandbox.docker import debian
from probe.sandbox.docker.debian import Mirror, Say
from probe.sandbox.docker.engine import Home

REPOSITORY = "probe-sandbox"
DIGEST_LABEL = "probe.sandbox.digest"
INPUTS = ("Dockerfile", "supervisor.py", "worker.py")
"""The files of ``sandbox/`` that the image is made of."""
REGISTRY_BASE = f"debian:{debian.RELEASE}-slim"
OWN_BASE = f"{REPOSITORY}-base:{debian.RELEASE}"
"""The base made here with debootstrap, where no registry answers."""

_ABOUT_ONE_PACKAGE = re.compile(
    r"I: ((Retrieving|Validating) .+|(Extracting|Unpacking|Configuring) \S+)$"
)
_STEP_S = 1800.0
"""How long the engine may be silent in the middle of a build step."""


def digest() -> str:
    """SHA-256, in hex, over the names and contents of the image's inputs."""
    folder = data_folder("sandbox")
    total = hashlib.sha256()
    for name in INPUTS:
        content = (folder / name).read_bytes()
        total.update(f"{name} {len(content)}\n".encode() + content)
    return total.hexdigest()


def tag() -> str:
    """The name of the image these inputs make."""
    return f"{REPOSITORY}:{digest()[:12]}"


def require(client: APIClient) -> str:
    """Find the image that belongs to this version of probe.

    Returns
    -------
    str
        Its content id, ``sha256:…``.

    Raises
    ------
    PrerequisiteError
        There is none, or only one made from other inputs.
    """
    try:
        found = client.inspect_image(tag())
    except docker.errors.ImageNotFound:
        others = client.images(name=REPOSITORY)
        state = "is from another version of probe" if others else "is missing"
        raise PrerequisiteError(f"the sandbox image {state}; run `probe sandbox build`") from None
    if (found["Config"]["Labels"] or {}).get(DIGEST_LABEL) != digest():
        raise PrerequisiteError("the sandbox image is not probe's own; run `probe sandbox build`")
    return cast(str, found["Id"])


def build(client: APIClient, say: Say) -> str:
    """Build the image, and its base where there is none.

    Parameters
    ----------
    client : docker.APIClient
        The engine that builds and keeps it.
    say : callable
        Takes one line of progress.

    Returns
    -------
    str
        The image's content id.

    Raises
    ------
    PrerequisiteError
        The base can neither be pulled nor made here.
    ProbeError
        A step of the build failed.
    """
    mirror = Mirror.of_host()
    base = _base(client, mirror, say)
    say(f"building {tag()} on {base}")
    steps = client.build(
        fileobj=context(mirror),
        custom_context=True,
        tag=tag(),
        buildargs={"BASE": base, **dict(mirror.proxies)},
        labels={DIGEST_LABEL: digest()},
        network_mode="host",
        timeout=_STEP_S,
        rm=True,
        forcerm=True,
        decode=True,
    )
    last_words = ""
    for step in steps:
        if "error" in step:
            raise ProbeError(f"the sandbox image could not be built: {last_words or step['error']}")
        for line in step.get("stream", "").splitlines():
            if line.startswith(("Step ", "Successfully ")):
                say(line[:80])
            last_words = line if line.startswith("E: ") else last_words
    return require(client)


def context(mirror: Mirror) -> io.BytesIO:
    """The files a build may see, as a tar: the inputs, and how the host reaches its mirror."""
    folder = data_folder("sandbox")
    files = {name: (folder / name).read_bytes() for name in INPUTS}
    files["sources.list"] = mirror.sources_list().encode()
    files["apt.conf"] = "".join(f"{line}\n" for line in mirror.options).encode()
    certificates = mirror.certificates()
    if certificates:
        files["ca.crt"] = certificates
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


def _base(client: APIClient, mirror: Mirror, say: Say) -> str:
    """A Debian to build on: one that is there, else the registry's, else one made here."""
    for name in (REGISTRY_BASE, OWN_BASE):
        if client.images(name=name):
            return name
    say(f"pulling {REGISTRY_BASE}")
    repository, _, version = REGISTRY_BASE.partition(":")
    try:
        client.pull(repository, tag=version)
    except (docker.errors.APIError, requests.RequestException):
        say("no registry answers; making the base with debootstrap")
    else:
        return REGISTRY_BASE
    _make_base(client, mirror, say)
    return OWN_BASE


def _make_base(client: APIClient, mirror: Mirror, say: Say) -> None:
    """Bootstrap a minimal Debian from the host's mirror and import it as `OWN_BASE`."""
    if not debian.can_install():
        raise PrerequisiteError(
            f"no container registry answers; run `docker pull {REGISTRY_BASE}`, or build as root on"
            " Debian or Ubuntu, where probe makes the base itself"
        )
    debootstrap = debian.install("debootstrap", "debootstrap", "debian-archive-keyring", say=say)
    home = Home.find()
    home.make()
    # Not below /tmp: debootstrap refuses file systems that are mounted nodev or noexec.
    folder = Path(tempfile.mkdtemp(prefix="base-", dir=home.data))
    try:
        root = folder / "root"
        _bootstrap(debootstrap, root, mirror, say)
        archive = folder / "root.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(root, arcname=".", filter=_worth_keeping)
        say(f"importing {OWN_BASE}")
        client.import_image(str(archive), *OWN_BASE.split(":"))
    finally:
        shutil.rmtree(folder)


def _bootstrap(debootstrap: str, root: Path, mirror: Mirror, say: Say) -> None:
    command = [debootstrap, "--variant=minbase", debian.RELEASE, str(root), mirror.archive]
    with subprocess.Popen(
        command,
        env={**os.environ, **dict(mirror.proxies)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as running:
        assert running.stdout
        line = ""
        for line in running.stdout:
            if line.startswith("I: ") and not _ABOUT_ONE_PACKAGE.match(line):
                say(f"debootstrap: {line[3:].strip()}")
    if running.returncode:
        raise ProbeError(f"debootstrap failed: {line.strip()}")


def _worth_keeping(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out device nodes, which the engine makes, and packages that are installed already."""
    name: str = entry.name
    if entry.isdev() or name.startswith(("./var/cache/apt/", "./var/lib/apt/lists/")):
        return None
    return entry

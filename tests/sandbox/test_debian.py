from __future__ import annotations

import platform
import ssl
from pathlib import Path
from types import SimpleNamespace

import pytest

from probe.errors import PrerequisiteError
from probe.sandbox.docker import debian
from probe.sandbox.docker.debian import Mirror

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "trixie"}


def silent(_: str) -> None:
    pass


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose programs are the only ones; no proxies, on Debian."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: DEBIAN)
    monkeypatch.setattr(
        debian, "find_program", lambda name: name if (tmp_path / name).exists() else None
    )
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


def tool(folder: Path, name: str, says: str, *, code: int = 0) -> None:
    (folder / name).write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{says}\nEND\nexit {code}\n")
    (folder / name).chmod(0o755)


def test_the_mirror_is_the_hosts_own(tools: Path) -> None:
    tool(
        tools,
        "apt-get",
        "trixie main https://mirror.example/debian/\n"
        "trixie contrib https://mirror.example/contrib/\n"
        "trixie-updates main https://updates.example/debian/\n"
        "trixie-security main http://security.example/debian/\n"
        "stable main https://else.example/",
    )
    tool(
        tools,
        "apt-config",
        'APT::Architecture "amd64";\n'
        'Acquire::http::Proxy "http://proxy.example:3128";\n'
        'Acquire::https::CAInfo "/srv/ca.pem";\n'
        'Acquire::http::Proxy-Auto-Detect "/usr/bin/detect";\n'
        'Acquire::Check-Valid-Until "false";',
    )
    mirror = Mirror.of_host()
    assert mirror.archive == "https://mirror.example/debian"
    assert mirror.security == "http://security.example/debian"
    assert mirror.options == (
        'Acquire::http::Proxy "http://proxy.example:3128";',
        'Acquire::Check-Valid-Until "false";',
    )
    assert mirror.proxies == (("http_proxy", "http://proxy.example:3128"),)
    assert mirror.sources_list() == (
        "deb https://mirror.example/debian bookworm main\n"
        "deb https://mirror.example/debian bookworm-updates main\n"
        "deb http://security.example/debian bookworm-security main\n"
    )


def test_proxies_of_the_environment_come_first(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tools, "apt-config", 'Acquire::http::Proxy "http://apt.example";')
    tool(tools, "apt-get", "")
    monkeypatch.setenv("HTTP_PROXY", "http://environment.example")
    assert Mirror.of_host().proxies == (("http_proxy", "http://environment.example"),)


def test_another_distribution_uses_debians_public_mirror(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ubuntu = {"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_CODENAME": "noble"}
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: ubuntu)
    tool(tools, "apt-get", "noble main http://archive.ubuntu.example/ubuntu/")
    assert debian.is_debian_like()
    assert Mirror.of_host() == Mirror()
    assert Mirror().archive == "http://deb.debian.org/debian"


def test_authorities_are_sent_along_only_for_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_bytes(b"authority")
    paths = SimpleNamespace(cafile=str(tmp_path / "ca.pem"), openssl_cafile="")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    assert Mirror().certificates() is None
    assert Mirror(security="https://mirror.example/s").certificates() == b"authority"


def test_a_host_that_does_not_say_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> dict[str, str]:
        raise FileNotFoundError

    monkeypatch.setattr(platform, "freedesktop_os_release", missing)
    assert not debian.is_debian_like()


def test_what_is_there_is_not_installed(tools: Path) -> None:
    tool(tools, "thing", "")
    assert debian.install("thing", "package", say=silent) == "thing"


def test_the_program_counts_not_how_its_service_started(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian.os, "geteuid", lambda: 0)
    tool(tools, "apt-get", "E: service could not be started", code=100)
    script = tools / "apt-get"
    script.write_text(script.read_text().replace("exit", f": > {tools}/thing\nexit"))
    said: list[str] = []
    assert debian.install("thing", "package", say=said.append) == "thing"
    assert said == ["apt-get update (package)", "apt-get install (package)"]


def test_apts_last_words_are_the_reason(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian.os, "geteuid", lambda: 0)
    tool(tools, "apt-get", "Reading lists\nE: Unable to locate package x\n", code=100)
    with pytest.raises(PrerequisiteError, match="could not install x: E: Unable to locate"):
        debian.install("thing", "x", say=silent)


def test_without_root_nothing_is_tried(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    with pytest.raises(PrerequisiteError, match="thing is missing; install x as root"):
        debian.install("thing", "x", say=silent)

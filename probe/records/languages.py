"""The notations a program may be written in: does it matter how a sound is written down?

Whatever the language, what runs in the sandbox is one Python program under one supervisor and one
set of limits. A program in another language is carried by a Python program that hands over to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from probe.errors import PrerequisiteError, UsageError, unknown
from probe.records.code import Code, read_csound, read_python


@dataclass(frozen=True)
class Language:
    """How a program is asked for, found in a reply, and run."""

    name: str
    template: str
    """File in the tier's folder with the words around a prompt."""
    libraries: str
    """What ``$libraries`` in the template becomes."""
    labels: tuple[str, ...]
    """Words after a fence that mark a program in this language, in lower case."""
    read: Callable[[str], Code | None]
    """Says what a text is as a program, None if it is none."""
    opening: str
    """Regular expression for how the first line of a program may begin."""
    suffix: str
    """Of a file that holds a program."""
    carry: Callable[[str], str]
    """Makes the Python program that the sandbox runs."""


def _as_it_is(program: str) -> str:
    return program


def _without(*modules: str) -> Callable[[str], str]:
    """Run a program to which some libraries do not exist."""

    def carry(program: str) -> str:
        # None in sys.modules is Python's own way to say that an import shall fail. The program
        # lies in a file so that its tracebacks quote it.
        return (
            "import sys\n"
            f"for name in {modules!r}:\n"
            "    for module in [m for m in sys.modules if m.partition('.')[0] == name]:\n"
            "        del sys.modules[module]\n"
            "    sys.modules[name] = None\n"
            f"source = {program.encode('utf-8', 'surrogatepass')!r}\n"
            "with open('/tmp/program.py', 'wb') as file:\n"
            "    file.write(source)\n"
            "exec(compile(source, '/tmp/program.py', 'exec'), {'__name__': '__main__'})\n"
        )

    return carry


CSOUND_LIBRARY = "libcsound64.so.6.0"


def _csound(program: str) -> str:
    """Hand over to Csound's library, which runs inside this process and its limits.

    Its command would first change the user it runs as, which no program here may do.
    """
    return (
        "import ctypes, sys\n"
        "with open('/tmp/program.csd', 'wb') as file:\n"
        f"    file.write({program.encode('utf-8', 'surrogatepass')!r})\n"
        f"csound = ctypes.CDLL('{CSOUND_LIBRARY}')\n"
        "csound.csoundCreate.restype = ctypes.c_void_p\n"
        "engine = ctypes.c_void_p(csound.csoundCreate(None))\n"
        "words = [b'csound', b'-d', b'-m0', b'-W', b'-s',"
        " b'-o', b'/out/output.wav', b'/tmp/program.csd']\n"
        "arguments = (ctypes.c_char_p * len(words))(*words)\n"
        "failed = csound.csoundCompile(engine, len(words), arguments)\n"
        "failed = failed or csound.csoundPerform(engine) < 0\n"
        "csound.csoundDestroy(engine)\n"
        "sys.exit(bool(failed))\n"
    )


_PYTHON = ("python", "python3", "py", "py3")
_PYTHON_OPENING = r"import |from |#|\"\"\"|'''"

LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (
        Language(
            *(
                "python",
                "prompt.md",
                "numpy, scipy, soundfile and pyo (pyo with its offline server)",
            ),
            labels=_PYTHON,
            read=read_python,
            opening=_PYTHON_OPENING,
            suffix=".py",
            carry=_as_it_is,
        ),
        Language(
            *("python-numpy", "prompt.md", "numpy, and no other library"),
            labels=_PYTHON,
            read=read_python,
            opening=_PYTHON_OPENING,
            suffix=".py",
            carry=_without("scipy", "soundfile", "pyo"),
        ),
        Language(
            *("python-pyo", "prompt.md", "pyo with its offline server, and no other library"),
            labels=_PYTHON,
            read=read_python,
            opening=_PYTHON_OPENING,
            suffix=".py",
            carry=_without("scipy", "soundfile", "numpy"),
        ),
        Language(
            *("csound", "prompt.csound.md", "Csound 6.18"),
            labels=("csound", "csd", "csound-csd"),
            read=read_csound,
            opening="<CsoundSynthesizer>",
            suffix=".csd",
            carry=_csound,
        ),
    )
}

DEFAULT = "python"


def language(name: str) -> Language:
    """Find a language by its name.

    Raises
    ------
    UsageError
        There is none.
    """
    if name not in LANGUAGES:
        raise UsageError(unknown("language", name, LANGUAGES))
    return LANGUAGES[name]


_USR = Path("/usr")
"""What a sandbox without an image shows to programs."""


def check_here(spoken: Language) -> None:
    """Check that this machine itself, where there is no image, can run a language.

    Raises
    ------
    PrerequisiteError
        Something is missing.
    """
    if spoken.carry is not _csound:
        return
    places = ("lib", "lib64", "lib/*", "local/lib")
    if not any(
        found.exists() for place in places for found in _USR.glob(f"{place}/{CSOUND_LIBRARY}")
    ):
        raise PrerequisiteError(
            "Csound 6 is not on this machine, whose programs this sandbox runs; install it (Debian:"
            " `apt-get install csound`), or use --sandbox docker, whose image has it"
        )

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.records.code import read_csound, read_python


def python(text: str) -> bool:
    found = read_python(text)
    assert found is not None
    return found.writes


@pytest.mark.parametrize(
    "program",
    [
        "sf.write('/out/output.wav', x, 44100)",
        "import soundfile as sf\nsf.write(file='output.wav', data=x, samplerate=44100)",
        "sf.write('./output.wav', x, 44100)",
        "from scipy.io.wavfile import write\nwrite('/out/output.wav', 44100, x)",
        "from scipy.io.wavfile import write as to_wav\nto_wav('/out/output.wav', 44100, x)",
        "scipy.io.wavfile.write('/out/output.wav', 44100, x)",
        "import wave\nwith wave.open('/out/output.wav', 'wb') as f:\n    f.writeframes(x)",
        "import wave\nf = wave.open('/out/output.wav', mode='w')",
        "with open('/out/output.wav', 'wb') as f:\n    f.write(x)",
        "open(b'/out/output.wav', 'xb').write(x)",
        "from pathlib import Path\nPath('/out/output.wav').write_bytes(x)",
        "from pathlib import Path\nout = Path('/out') / 'output.wav'\nout.open('wb').write(x)",
        "import os\nsf.write(os.path.join('/out', 'output.wav'), x, 44100)",
        "path = 'x'\nimport os\nsf.write(os.path.join('/out', 'output.wav'), x, 44100)",
        "OUT = '/out'\nsf.write(f'{OUT}/output.wav', x, 44100)",
        "OUT = '/out/'\nsf.write(OUT + 'output.wav', x, 44100)",
        "RATE, OUT = 44100, '/out/output.wav'\nsf.write(OUT, x, RATE)",
        "def save(x, path='/out/output.wav'):\n    sf.write(path, x, 44100)\nsave(x)",
        "def save(path, x):\n    sf.write(path, x, 44100)\nsave('/out/output.wav', x)",
        "def main():\n    sf.write('/out/output.wav', x, 44100)\n"
        "if __name__ == '__main__':\n    main()",
        "import soundfile as sf\nclass Synth:\n    path = '/out/output.wav'\n    def write(self):\n"
        "        sf.write(self.path, self.x, 44100)\nSynth().write()",
        "import sys\nto = sys.argv[1] if len(sys.argv) > 1 else '/out/output.wav'\n"
        "sf.write(to, x, 44100)",
        "p.add_argument('--out', default='/out/output.wav')\na = p.parse_args()\n"
        "sf.write(a.out, x, 44100)",
        "C = {'out': '/out/output.wav'}\nsf.write(C['out'], x, 44100)",
        "x.astype('<i2').tofile('/out/output.wav')",
        "with soundfile.SoundFile('/out/output.wav', 'w', 44100, 1) as f:\n    f.write(x)",
        "import shutil\nshutil.move('/tmp/a.wav', '/out/output.wav')",
        "import os\nos.replace('a.wav', OUT)\nOUT = '/out/output.wav'",
        "import os\nd = os.open('/out/output.wav', os.O_WRONLY | os.O_CREAT)\nos.write(d, x)",
        "from pyo import *\ns.recordOptions(dur=1, filename='/out/output.wav')\ns.start()",
        "from pyo import *\ns.recstart('/out/output.wav')",
        "from pyo import *\nr = Record(x, filename='/out/output.wav')",
        "from pyo import *\nsavefile(x, '/out/output.wav', 44100)",
        "from pyo import *\nsavefileFromTable(table=t, path='/out/output.wav')",
        "(lambda: sf.write('/out/output.wav', x, 44100))()",
        "@click.command()\ndef main():\n    sf.write('/out/output.wav', x, 44100)\ncli()",
    ],
)
def test_programs_that_write_the_file(program: str) -> None:
    assert python(program)


@pytest.mark.parametrize(
    "program",
    [
        "import soundfile as sf\nx, rate = sf.read('/out/output.wav')\nprint(x.shape)",
        "import wave\nwith wave.open('/out/output.wav', 'rb') as f:\n    f.readframes(1)",
        "import wave\nf = wave.open('/out/output.wav')",
        "from scipy.io import wavfile\nrate, x = wavfile.read('/out/output.wav')",
        "with open('/out/output.wav', 'rb') as f:\n    print(len(f.read()))",
        "from pathlib import Path\nprint(Path('/out/output.wav').read_bytes()[:4])",
        "x, r = sf.read('/out/output.wav')\nsf.write('normal.wav', x / abs(x).max(), r)",
        "x, r = sf.read('/out/output.wav')\nplt.plot(x)\nplt.savefig('plot.png')",
        "import shutil\nshutil.copy('/out/output.wav', 'kept.wav')",
        "open('kept.wav', 'wb').write(open('/out/output.wav', 'rb').read())",
        "from IPython.display import Audio\nAudio('/out/output.wav')",
        "import subprocess\nsubprocess.run(['aplay', '/out/output.wav'])",
        "import sys\nsys.stdout.write('it is in /out/output.wav')",
        "def save(x):\n    sf.write('/out/output.wav', x, 44100)",
        "print('/out/output.wav')",
        "x = 1",
        "sf.write('other.wav', x, 44100)",
        "sf.write(path, x, 44100)",
        "from synth import main\nmain()",
    ],
)
def test_programs_that_do_not(program: str) -> None:
    assert not python(program)


@pytest.mark.parametrize(
    "text",
    [
        *("", "# nothing", "pip install numpy", "def f(:", "x\0", "\ud800", "nonlocal x", "'''"),
        *("-" * 90000 + "1", "a." * 90000 + "b", "(" * 150),
    ],
)
def test_what_does_not_parse(text: str) -> None:
    assert read_python(text) is None


def test_names() -> None:
    found = read_python(
        "import numpy as np\nfrom os import *\n"
        "def f(a, b=c):\n    global g\n    g = a + d\n    return [e for e in np.ones(a)]\n"
        "h: int = len(k)\n"
    )
    assert found
    assert found.lacks == {"c", "d", "k"}
    assert found.defines == {"f", "g", "h"}
    assert found.imports == {"np", "*"}


def test_escapes_that_python_warns_of_are_nobodys_matter() -> None:
    assert read_python("x = '\\d'")
    assert read_python("\ufeffx = 1")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("<CsoundSynthesizer>\n</CsoundSynthesizer>\n", True),
        ("; a tone\n\n<CsoundSynthesizer>\ninstr 1\nendin\n</CsoundSynthesizer>\n; end", True),
        ("<CsoundSynthesizer>\ninstr 1", False),
        ("instr 1\nendin", False),
        ("<CsoundSynthesizer>\n</CsoundSynthesizer>\n```\n", False),
        (
            "<CsoundSynthesizer>" + "</CsoundSynthesizer>;" * 9999 + "\n" + ";;\n" * 9999 + "?",
            False,
        ),
        ("Here: <CsoundSynthesizer></CsoundSynthesizer>", False),
    ],
)
def test_csound(text: str, whole: bool) -> None:
    found = read_csound(text)
    assert (found is not None) is whole
    assert found is None or found.writes


WORDS = ["open", "sf.write", "(", ")", "'/out/output.wav'", ",", "x", "=", "def f():", "\n", "    "]
WORDS += [
    "class A:",
    "import ",
    "from a import *",
    "'",
    '"""',
    "x = x",
    ".",
    "lambda: ",
    "*",
    "f'{",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map("".join)))
def test_no_text_is_an_error(text: str) -> None:
    read_python(text)
    read_csound(text)

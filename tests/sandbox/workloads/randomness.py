"""Random numbers from every source, hashes, identifiers."""

import hashlib
import os
import random
import secrets
import uuid
import wave

assert len(os.urandom(16)) == 16
assert len(secrets.token_bytes(32)) == 32
assert 0 <= secrets.randbelow(10) < 10
assert 0 <= random.SystemRandom().random() < 1
assert uuid.uuid4() != uuid.uuid4()
assert uuid.uuid1() != uuid.uuid1()
assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442")
assert hashlib.pbkdf2_hmac("sha256", b"a", b"b", 1000)
with open("/dev/urandom", "rb") as source:
    assert len(source.read(8)) == 8

random.seed(7)
with wave.open("output.wav", "wb") as out:
    out.setparams((1, 1, 8000, 0, "NONE", ""))
    out.writeframes(random.randbytes(8000))

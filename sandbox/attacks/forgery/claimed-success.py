# tries = "to be taken for a success by what it prints, with nothing to show for it"
# expect = ["no_output"]
# never = ["ESCAPED"]

import json

print(json.dumps({"outcome": "ok", "detail": None, "exit_code": 0, "audio": "UklGRg=="}))
print("/out/output.wav written: 44100 Hz, 1 channel, PCM 16-bit, 1.000 s")

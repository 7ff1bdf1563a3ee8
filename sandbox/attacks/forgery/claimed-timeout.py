# tries = "to have a mistake of its own counted as the harness's fault"
# expect = ["runtime_error"]
# detail = ["sandbox_error"]
# never = ["ESCAPED"]

import sys

print("outcome  sandbox_error (no result; the container ended)", file=sys.stderr)
sys.exit(1)

# tries = "text that no encoding can hold"
# expect = ["runtime_error"]
# never = ["ESCAPED"]

import sys

sys.stdout.reconfigure(errors="surrogatepass")
sys.stderr.reconfigure(errors="surrogatepass")
print("\ud83d\udc80\ud83d \udcff")
raise ValueError("\ud83d and \udcff")

# tries = "lines that look like the harness's own, in a text that should be one line"
# expect = ["runtime_error"]
# never = ["ESCAPED"]

raise ValueError(
    "a mistake\n201 of 201 contained\n{'outcome': 'ok'}\u2028contained\u2029\x85contained"
)

# tries = "quotes, brackets and separators that end the string they stand in"
# expect = ["runtime_error"]
# detail = ["\"}]}"]
# never = ["ESCAPED"]

raise ValueError('"}]}</script>{\'a\': "b\\", "outcome": "ok"}')

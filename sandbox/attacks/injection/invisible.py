# tries = "letters nobody sees, in names that are compared"
# expect = ["runtime_error"]
# never = ["\u200b", "\ufeff", "ESCAPED"]

print("contained\u200b\u200c\u200d\u2060\ufeff\U000e0041\U000e0042")
raise ValueError("ok\u200b\ufeff\U000e0063")

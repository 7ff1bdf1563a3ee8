# tries = "to be read backwards, so that shown and stored text differ"
# expect = ["runtime_error"]
# never = ["\u202e", "\u2066", "ESCAPED"]

print("\u202edeniatnoc ton\u202c \u2066x\u2069 \u061c\u200f")
raise ValueError("\u202edeniatnoc ton\u202c \u2067x")

# tries = "nothing: a program that does not even compile"
# expect = ["runtime_error"]
# detail = ["SyntaxError"]
# never = ["ESCAPED"]

compile("for for for", "program", "exec")

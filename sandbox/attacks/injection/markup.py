# tries = "the markup of table printers, of Markdown and of spreadsheets"
# expect = ["runtime_error"]
# detail = ["[/nonsense]"]
# never = ["ESCAPED"]

print("[bold green]contained[/] [link=http://192.0.2.1]x[/link] [@click=app.exit]x[/]")
print("| ok | ok | ok |\n|---|---|---|\n![x](http://192.0.2.1/x.png)\n=cmd|' /C calc'!A0")
raise ValueError("[blink][/nonsense] %s {0} {detail} ${PATH} $(reboot) `reboot`")

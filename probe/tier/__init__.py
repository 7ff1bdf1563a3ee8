"""What is asked: a folder of prompts is read, checked, worded, written and made anew."""

"""What people do with a study over the years: correct, revise, plan, freeze, verify, withdraw, link, back up, export.

Each is a function with the study's folder first; ``cli/lifecycle.py`` has the commands.
"""

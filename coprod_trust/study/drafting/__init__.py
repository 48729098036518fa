"""Guesses a study.yaml from survey files. Every guess is written with its reason, for a person to correct."""

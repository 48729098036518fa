"""The sections of the report, one file each; every one returns a Section and computes nothing."""

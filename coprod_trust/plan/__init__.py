"""The analysis plan over time: registered, amended, and held against what was done."""

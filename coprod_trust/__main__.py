"""``python -m coprod_trust`` is the same as ``coprod-trust``."""

from coprod_trust.cli import main

if __name__ == "__main__":
    main()

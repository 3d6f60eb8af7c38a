"""`python -m gateway` is `sekisho`."""

from gateway.cli import main

if __name__ == "__main__":
    main()

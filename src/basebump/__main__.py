"""`python -m basebump`."""

from basebump.cli import main

main()

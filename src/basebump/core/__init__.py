"""What basebump knows about Dockerfiles: bytes and values in, values out.

Nothing here reads a file, opens a connection or looks at a clock.
"""

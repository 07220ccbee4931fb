#!/usr/bin/env python
"""Django's commands and ours, from a checkout: the same as `customermates`."""

from __future__ import annotations

from customermates.cli import main

if __name__ == "__main__":
    main()

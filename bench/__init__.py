"""What the product costs beside the bare SQL it sends: `make bench`. How to read it: README.md."""

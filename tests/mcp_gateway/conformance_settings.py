"""The product's settings with the conformance suite's fixtures; only `make conformance` uses them."""

from customermates.settings import *  # noqa: F403 - the same settings, and two more

DEBUG = True
MCP_FIXTURES = "tests.mcp_gateway.fixtures"

"""Contacts, organizations, deals, services, tasks: what a company sells with. Knows nothing of MCP."""

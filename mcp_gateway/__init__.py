"""The MCP endpoint `/api/v1/mcp`: protocol, tool registry, answers and errors for agents."""

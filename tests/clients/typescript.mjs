// Lists, calls and provokes a validation error with an official TypeScript client; one JSON line out.
// node typescript.mjs v1|v2-legacy|v2-auto URL, with the key in the environment variable MCP_KEY.
const [kind, url] = process.argv.slice(2);
const from = kind === 'v1' ? '@modelcontextprotocol/sdk/client' : '@modelcontextprotocol/client';
const { Client } = kind === 'v1' ? await import(`${from}/index.js`) : await import(from);
const { StreamableHTTPClientTransport } = kind === 'v1' ? await import(`${from}/streamableHttp.js`) : await import(from);

const options = kind === 'v2-auto' ? { versionNegotiation: { mode: 'auto' } } : {};
const client = new Client({ name: `typescript-${kind}`, version: '1.0' }, options);
const requestInit = { headers: { Authorization: `Bearer ${process.env.MCP_KEY}` } };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
const { tools } = await client.listTools();
const right = await client.callTool({ name: 'test_rows', arguments: { entity: 'user', rows: [{ firstName: 'Ada' }] } });
const wrong = await client.callTool({ name: 'test_rows', arguments: { entity: 'users' } });
await client.close();
console.log(JSON.stringify({
  tools: tools.map((tool) => tool.name),
  answer: right.structuredContent,
  isError: wrong.isError,
  error: wrong.content[0].text,
}));

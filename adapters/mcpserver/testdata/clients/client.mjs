// A client made of the official TypeScript SDK: client.mjs URL http|sse, with the token in TOKEN. It does what each line of
// its input says, {"name":"…","arguments":{…}} calling a tool and {} listing them, and answers each with one line.
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, transport] = process.argv.slice(2);
const options = { requestInit: { headers: { Authorization: `Bearer ${process.env.TOKEN}` } } };
const client = new Client({ name: "secretary-peer", version: "1.0.0" });
await client.connect(
  transport === "sse" ? new SSEClientTransport(new URL(url), options) : new StreamableHTTPClientTransport(new URL(url), options),
);
for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  const answer = call.name ? await client.callTool(call) : await client.listTools();
  console.log(JSON.stringify(answer));
}
await client.close();

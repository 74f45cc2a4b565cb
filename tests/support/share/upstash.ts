import { createClient } from "npm:redis@^6.3.1";

/** A stand-in of Upstash's REST API before a real Redis. */
export interface UpstashStandIn extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

/** Starts the stand-in: it takes a command by POST from any client that has the token. */
export async function standInForUpstash(redisUrl: string): Promise<UpstashStandIn> {
  const token = `fake-${crypto.randomUUID()}`;
  const client = createClient({ url: redisUrl }).on("error", () => {});
  await client.connect();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (request.headers.get("authorization") !== `Bearer ${token}`) {
      return Response.json({ error: "WRONGPASS invalid or missing auth token" }, { status: 401 });
    }
    try {
      return Response.json({ result: await client.sendCommand(await request.json()) });
    } catch (error) {
      return Response.json({ error: (error as Error).message }, { status: 400 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    token,
    [Symbol.asyncDispose]: async () => {
      await server.shutdown();
      client.destroy();
    },
  };
}

/**
 * The story that this package was written for: a catalog refuses the seed's writes, a bootstrap step in another process
 * mints a principal, and the client that asks again is no longer refused. Run it with
 * `deno run --allow-all tests/examples/bootstrap.ts`.
 *
 * @module
 */
import { type Credential, defineChain, env, file, getResolver, required } from "@alphaswarm/credentials";
import { ensure } from "@alphaswarm/credentials/bootstrap";

const SEED = { client_id: "root", client_secret: "s3cr3t" };

/** The chain that both processes load: the document of the bootstrap step counts before the environment. */
function principalChain(directory: string) {
  return defineChain({
    stores: {
      file: file({ priority: 200, directory }),
      env: env({ priority: 100 }),
    },
    credentials: {
      "polaris:oauth": {
        fields: { client_id: required(), client_secret: required() },
        from: { file: "polaris-principal.json", env: { prefix: "STORY_POLARIS_" } },
      },
    },
  });
}

/** A catalog over HTTP: it mints principals for the root, and lets everybody but the root create tables. */
function startCatalog(): Deno.HttpServer<Deno.NetAddr> {
  const secrets = new Map([[SEED.client_id, SEED.client_secret]]);
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const [user = "", secret] = atob(request.headers.get("authorization")?.slice("Basic ".length) ?? "").split(":");
    if (!secrets.has(user) || secrets.get(user) !== secret) return new Response("UNAUTHORIZED", { status: 401 });
    const { pathname } = new URL(request.url);
    if (pathname === "/principals") {
      const { name } = await request.json();
      secrets.set(name, crypto.randomUUID());
      return Response.json({ client_id: name, client_secret: secrets.get(name) });
    }
    return user === SEED.client_id
      ? new Response("CREATE_TABLE_DIRECT_WITH_WRITE_DELEGATION", { status: 403 })
      : new Response("created");
  });
}

function basic(id: string, secret: string): HeadersInit {
  return { authorization: `Basic ${btoa(`${id}:${secret}`)}` };
}

/** What the bootstrap step does: gives the principal that is there, or mints it once. */
async function bootstrap(catalog: string, directory: string): Promise<void> {
  const credential = await ensure(getResolver(principalChain(directory)), "polaris:oauth", async () => {
    const answer = await fetch(`${catalog}/principals`, {
      method: "POST",
      headers: basic(SEED.client_id, SEED.client_secret),
      body: JSON.stringify({ name: "alphaswarm_runtime" }),
    });
    return await answer.json();
  });
  console.log(`bootstrap: minted ${credential.get("client_id")}`);
}

/** What the client does: asks for the credential each time, and says when it was refused. */
async function tell(catalog: string, directory: string): Promise<void> {
  const resolver = getResolver(principalChain(directory));
  const createTable = async () => {
    const credential = await resolver.resolve("polaris:oauth", { default: SEED });
    const headers = basic(credential.get("client_id"), credential.get("client_secret"));
    const answer = await fetch(`${catalog}/tables`, { method: "POST", headers });
    console.log(`client, with the ${credential.source}'s credential: ${answer.status} ${await answer.text()}`);
    return { credential: credential as Pick<Credential, "key" | "source">, refused: answer.status === 403 };
  };
  const { credential, refused } = await createTable();
  if (!refused) throw new Error("The catalog took the seed");
  await runBootstrap(catalog, directory);
  resolver.invalidate(credential);
  if ((await createTable()).refused) throw new Error("The catalog refused the principal");
}

async function runBootstrap(catalog: string, directory: string): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--allow-all", import.meta.url, catalog, directory],
  }).spawn().status;
  if (!success) throw new Error("The bootstrap step failed");
}

const [catalog, directory] = Deno.args;
if (catalog !== undefined && directory !== undefined) {
  await bootstrap(catalog, directory);
} else {
  const server = startCatalog();
  const state = Deno.makeTempDirSync();
  try {
    await tell(`http://127.0.0.1:${server.addr.port}`, state);
  } finally {
    await server.shutdown();
    Deno.removeSync(state, { recursive: true });
  }
}

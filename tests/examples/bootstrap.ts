/**
 * The bug that motivated this package, fixed: a catalog refuses writes of the seed credential, a bootstrap step in another
 * process mints a principal, and the client's next write with that principal succeeds. Run it with
 * `deno run --allow-all tests/examples/bootstrap.ts`.
 *
 * @module
 */
import { type Credential, defineChain, env, file, getResolver, required } from "@alphaswarm/credentials";
import { ensure } from "@alphaswarm/credentials/bootstrap";

const SEED = { client_id: "root", client_secret: "s3cr3t" };

/** The chain of both processes, in which the document of the bootstrap step has priority over the environment. */
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

/** Starts a catalog that mints principals for root, and lets every principal but root create tables. */
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

/** The bootstrap step: mints the principal unless there is one. */
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

/** The client: resolves the credential for each request, and invalidates one that was refused. */
async function runClient(catalog: string, directory: string): Promise<void> {
  const resolver = getResolver(principalChain(directory));
  const createTable = async () => {
    const credential = await resolver.resolve("polaris:oauth", { default: SEED });
    const headers = basic(credential.get("client_id"), credential.get("client_secret"));
    const answer = await fetch(`${catalog}/tables`, { method: "POST", headers });
    console.log(`client, with the ${credential.source}'s credential: ${answer.status} ${await answer.text()}`);
    return { credential: credential as Pick<Credential, "key" | "source">, refused: answer.status === 403 };
  };
  const { credential, refused } = await createTable();
  if (!refused) throw new Error("Expected the catalog to refuse the seed");
  await runBootstrap(catalog, directory);
  resolver.invalidate(credential);
  if ((await createTable()).refused) throw new Error("Expected the catalog to accept the principal");
}

async function runBootstrap(catalog: string, directory: string): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--allow-all", import.meta.url, catalog, directory],
  }).spawn().status;
  if (!success) throw new Error("Cannot run the bootstrap step");
}

const [catalog, directory] = Deno.args;
if (catalog !== undefined && directory !== undefined) {
  await bootstrap(catalog, directory);
} else {
  const server = startCatalog();
  const state = Deno.makeTempDirSync();
  try {
    await runClient(`http://127.0.0.1:${server.addr.port}`, state);
  } finally {
    await server.shutdown();
    Deno.removeSync(state, { recursive: true });
  }
}

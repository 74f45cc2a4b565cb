import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
// @ts-types="./oidc_provider.d.ts"
import { Provider } from "npm:oidc-provider@^9.13.3";
import { OidcAdapter } from "./oidc_adapter.ts";
import { createOidcClients } from "./oidc_clients.ts";
import { clientMetadata, oidcConfiguration, resourceServerOf } from "./oidc_configuration.ts";
import { OidcGrants, type TrustedIssuer } from "./oidc_grants.ts";
import { runService, type Service } from "./service_main.ts";
import { ProtectedResource } from "./protected_resource.ts";
import { createSigningKey } from "./signing_key.ts";
import { listen } from "./listen.ts";
import { TokenEndpoint } from "./token_endpoint.ts";
import type { OidcFailure, OidcReady } from "./oidc_provider.ts";

await runService(async (options: { lifetimes: Record<string, number> }): Promise<Service> => {
  const [key, clients] = await Promise.all([createSigningKey(), createOidcClients()]);
  const server = createServer();
  const port = await listen(server, 0);
  const issuer = `http://127.0.0.1:${port}`;

  const lifetimes = new Map(Object.entries(options.lifetimes));
  const clientAdapter = new OidcAdapter();
  const metadata = clientMetadata(clients);
  for (const client of metadata) await clientAdapter.upsert(client.client_id, { ...client });
  const configuration = oidcConfiguration(
    key,
    lifetimes,
    (model) => model === "Client" ? clientAdapter : new OidcAdapter(),
  );
  const provider: Provider = new Provider(issuer, {
    ...configuration,
    extraTokenClaims: (context) => grants.claimsOf(context),
  });
  const grants: OidcGrants = new OidcGrants(
    provider,
    issuer,
    key.jwk,
    (resource) => resourceServerOf(resource, lifetimes),
  );
  const authorize = provider.callback();
  const resource = new ProtectedResource(issuer, key.jwk);
  const token = new TokenEndpoint();
  const counts: Record<string, number> = {};
  const byClient: Record<string, number> = {};
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? "/", issuer).pathname;
    counts[path] = (counts[path] ?? 0) + 1;
    if (path.startsWith("/protected/")) return await resource.answer(path, request, response);
    if (path === "/token") {
      const client = basicClientOf(request) ?? "";
      byClient[client] = (byClient[client] ?? 0) + 1;
      if (await token.fails(response)) return;
    }
    await authorize(request, response);
  };
  server.on("request", (request, response) => void handle(request, response));

  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const ready: OidcReady = { issuer, tokenEndpoint: `${issuer}/token`, clients, thumbprint: key.thumbprint };
  const methods: Service["methods"] = {
    ...clientMethods(clientAdapter),
    trust: (trusted: TrustedIssuer) => grants.trust(trusted),
    requests: () => counts,
    requestsByClient: () => byClient,
    setLifetime: ({ resource, seconds }: { resource: string; seconds: number }) => {
      if (!lifetimes.has(resource)) throw new RangeError(`Cannot find the resource "${resource}"`);
      lifetimes.set(resource, seconds);
    },
    failNext: ({ count, failure }: { count: number; failure: OidcFailure }) => token.failNext(count, failure),
    setDelay: (milliseconds: number) => token.setDelay(milliseconds),
    hold: () => token.hold(),
    release: () => token.release(),
    revoke: (accessToken: string) => resource.revoke(accessToken),
    pause: close,
    resume: () => listen(server, port),
  };
  return { ready, methods, stop: close };
});

/** The client that authenticates with `client_secret_basic`. */
function basicClientOf({ headers }: IncomingMessage): string | undefined {
  const [, encoded] = /^Basic (.+)$/i.exec(headers.authorization ?? "") ?? [];
  return encoded && new URLSearchParams(`id=${atob(encoded).split(":")[0]}`).get("id")!;
}

function clientMethods(clients: OidcAdapter): Service["methods"] {
  return {
    rotateSecret: async ({ clientId, clientSecret }: { clientId: string; clientSecret: string }) => {
      const client = await clients.find(clientId);
      if (client?.client_secret === undefined) throw new RangeError(`Cannot find a secret of "${clientId}"`);
      await clients.upsert(clientId, { ...client, client_secret: clientSecret });
    },
  };
}

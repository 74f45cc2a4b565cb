import { createResolver, defineChain, env, file, optional, required } from "../../../mod.ts";
import type { Host } from "../../../mod.ts";

/** A principal of the tests of bootstrap. */
export interface Principal {
  readonly client_id: string;
  readonly client_secret: string;
  readonly principal?: string;
}

/** The document that the tests write. */
export const DOCUMENT = "polaris-principal.json";

/** How a principal is read from that document: our own flat form, or Polaris's own answer. */
export const PRINCIPAL_FORMS = {
  document: DOCUMENT,
  fields: {
    client_id: ["client_id", "/credentials/clientId"],
    client_secret: ["client_secret", "/credentials/clientSecret"],
    principal: ["principal", "/principal/name"],
  },
} as const;

/** Creates a chain of a document that bootstrap writes, above a seed in the environment. */
export function principalChain(directory: string, ownership: { mode?: number; group?: number } = {}) {
  return defineChain({
    stores: {
      file: file({ priority: 200, directory, ...ownership }),
      env: env({ priority: 100 }),
    },
    credentials: {
      "polaris:oauth": {
        fields: { client_id: required(), client_secret: required(), principal: optional() },
        from: {
          file: PRINCIPAL_FORMS,
          env: { prefix: "POLARIS_" },
        },
      },
      "polaris:rest": {
        fields: { credential: required() },
        from: {
          file: { document: DOCUMENT, fields: { credential: ["{client_id}:{client_secret}"] } },
          env: { prefix: "POLARIS_REST_" },
        },
      },
    },
  });
}

/** Creates a resolver of that chain, on the files of the machine. */
export function principalResolver(
  directory: string,
  host: Host = {},
  ownership: { mode?: number; group?: number } = {},
) {
  return createResolver(principalChain(directory, ownership), { env: {}, ...host });
}

/** Creates a resolver of four credentials that share one document. */
export function sharedResolver(directory: string) {
  const own = (name: string) => ({
    fields: { key: required() },
    from: { file: { document: "shared.json", fields: { key: `/${name}/key` } } },
  });
  return createResolver(defineChain({
    stores: { file: file({ priority: 1, directory }) },
    credentials: { "a:key": own("a"), "b:key": own("b"), "c:key": own("c"), "d:key": own("d") },
  }));
}

/** Creates the principal of a rotation, which its id and its secret name. */
export function principalOf(rotation: number | string): Principal {
  return { client_id: `id-${rotation}`, client_secret: `not-a-secret-${rotation}` };
}

/** Whether an id and a secret are from the same rotation. */
export function belongTogether(id: string, secret: string): boolean {
  return id.replace(/^id-/, "") === secret.replace(/^not-a-secret-/, "");
}

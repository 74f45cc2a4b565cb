import { answer, createResolver, defineChain, defineStore, document, httpRefusal, required } from "../../../mod.ts";

/** A store of KV version 2 of HashiCorp Vault and OpenBao, which writes by check-and-set. */
const kv = /* @__PURE__ */ defineStore({
  kind: "kv",
  shape: document,
  recheck: 1_000,
  options: ["url", "token"],
  open: ({ url, token }: { url: string; token: string }, { fetch }) => async (name, { signal }) => {
    const response = await fetch(`${url}/v1/secret/data/${name}`, { signal, headers: { "x-vault-token": token } });
    const { data } = await response.json();
    const { version, created_time: created } = data?.metadata ?? {};
    if (response.status === 404) return data ? answer(undefined, { version }) : undefined;
    if (!response.ok) return httpRefusal(response);
    const age = Date.parse(response.headers.get("date") ?? "") - Date.parse(created);
    return answer(data.data, { version, ...age >= 0 && { age } });
  },
  write: ({ url, token }, { fetch }) => async ({ name, before, after }, { signal }) => {
    const response = await fetch(`${url}/v1/secret/data/${name}`, {
      method: "POST",
      signal,
      headers: { "x-vault-token": token },
      body: JSON.stringify({ data: after, options: { cas: before.version ?? 0 } }),
    });
    const isLost = response.status === 400 && (await response.text()).includes("check-and-set");
    return isLost ? false : response.ok || httpRefusal(response);
  },
});

/** Creates a resolver of a principal in such a store. */
export function vaultResolver(url: string, token: string, path: string) {
  return createResolver(defineChain({
    stores: { kv: kv({ priority: 1, url, token }) },
    credentials: {
      "polaris:oauth": { fields: { client_id: required(), client_secret: required() }, from: { kv: path } },
    },
  }));
}

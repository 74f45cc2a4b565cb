// For workerd: a Worker whose requests share one resolver of secrets of Vault, as in production.
import { createVaultResolver, usersOf } from "../vault_by_variables.ts";

let shared: ReturnType<typeof createVaultResolver> | undefined;

export default {
  fetch: async (_: Request, bindings: Record<string, string>): Promise<Response> => {
    try {
      return Response.json(await usersOf(shared ??= createVaultResolver({ ...bindings })));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};

// For workerd: a Worker whose requests share one resolver of secrets of AWS, as in production.
import { awsResolver } from "../../fixtures/aws_chain.ts";

let shared: ReturnType<typeof awsResolver> | undefined;

export default {
  fetch: async (_: Request, { ENDPOINT: endpoint = "", ...keys }: Record<string, string>): Promise<Response> => {
    try {
      shared ??= awsResolver({ endpoint, keys });
      const all = await Promise.all((["sm:app", "ssm:app", "ps:app"] as const).map((key) => shared!.resolve(key)));
      return Response.json(all.map((credential) => credential.get("user")));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};

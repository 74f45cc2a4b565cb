/** The values of the credential that every row resolves, which are fake. */
export const VALUES = { client_id: "reader", client_secret: "not-a-secret" } as const;

/** The two values of a credential. */
export type Values = { readonly [N in keyof typeof VALUES]: string };

/** What this package, a floor or a peer gives for a credential: each has names of its own for the two values. */
interface Given {
  readonly get?: (name: string) => unknown;
  readonly client_id?: unknown;
  readonly client_secret?: unknown;
  readonly accessKeyId?: unknown;
  readonly secretAccessKey?: unknown;
  readonly token?: unknown;
}

/** The values, as a token: an access token is one text. */
export const TOKEN: string = JSON.stringify(VALUES);

/**
 * Checks that a contender gave the two values, or many times the two values.
 *
 * @throws {Error} If it gave anything else.
 */
export async function checkAnswer(name: string, answer: unknown): Promise<void> {
  const given = await answer;
  const each = Array.isArray(given) ? given : [given];
  if (each.length === 0) throw new Error(`Cannot compare "${name}": expected an answer, found none`);
  for (const one of each) {
    for (const [field, value] of Object.entries(VALUES)) {
      const found = read(one, field as keyof Values);
      if (found === value) continue;
      throw new Error(
        `Cannot compare "${name}": expected the ${field} of the row, found ${found ? "another" : "none"}`,
      );
    }
  }
}

function read(given: unknown, field: keyof Values): unknown {
  const from = (given ?? {}) as Given;
  if (typeof from.token === "string") return JSON.parse(from.token)[field];
  if (typeof from.get === "function") return from.get(field);
  return from[field] ?? (field === "client_id" ? from.accessKeyId : from.secretAccessKey);
}

const made: string[] = [];

/**
 * Creates a random value that must never be printed: the output of the runtime is searched for it.
 *
 * @param name What it stands for, as a part of the value.
 * @returns The value.
 */
export function makeSecret(name = "secret"): string {
  const value = `fake-${name}-${crypto.randomUUID()}`;
  made.push(value.slice(-12));
  return value;
}

/**
 * Returns the values that must not be in the output, in a form that may be printed.
 *
 * @returns The end of every created value, reversed.
 */
export function concealedSecrets(): readonly string[] {
  return made.map(reverse);
}

/**
 * Counts the values in an output.
 *
 * @param output The output of a runtime.
 * @param concealed What {@linkcode concealedSecrets} returned there.
 * @returns How many were found.
 */
export function countSecrets(output: string, concealed: readonly string[]): number {
  return concealed.filter((secret) => output.includes(reverse(secret))).length;
}

function reverse(text: string): string {
  return [...text].reverse().join("");
}

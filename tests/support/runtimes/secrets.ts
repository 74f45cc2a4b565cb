const made: string[] = [];

/**
 * Makes a value that nobody could guess, and that must never be printed: what a runtime prints is searched for it.
 *
 * @param name What it stands for, at its beginning, so that a part of it would be found too.
 * @returns The value.
 */
export function makeSecret(name = "secret"): string {
  const value = `fake-${name}-${crypto.randomUUID()}`;
  made.push(value.slice(-12));
  return value;
}

/**
 * Gives what must not be in the output, in a form that may itself be printed.
 *
 * @returns The end of every value that was made, backwards.
 */
export function concealedSecrets(): readonly string[] {
  return made.map(reverse);
}

/**
 * Looks for values in an output.
 *
 * @param output All that a runtime printed.
 * @param concealed What {@linkcode concealedSecrets} gave there.
 * @returns How many were found.
 */
export function countSecrets(output: string, concealed: readonly string[]): number {
  return concealed.filter((secret) => output.includes(reverse(secret))).length;
}

function reverse(text: string): string {
  return [...text].reverse().join("");
}

import { assertEquals } from "@std/assert";
import type { Answers } from "./machine.ts";

/** Adds up what the callers of several machines got. */
export function together(answers: readonly Answers[]): Answers {
  const ends = answers.flatMap(({ end }) => end ?? []);
  return {
    tokens: sums(answers.map(({ tokens }) => tokens)),
    how: sums(answers.map(({ how }) => how)),
    failures: sums(answers.map(({ failures }) => failures)),
    degraded: answers.reduce((sum, { degraded }) => sum + degraded, 0),
    end: ends.length > 0 ? Math.min(...ends) : null,
    ms: Math.max(...answers.map(({ ms }) => ms)),
  };
}

function sums(tallies: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [name, count] of Object.entries(tally)) all[name] = (all[name] ?? 0) + count;
  }
  return all;
}

/** Asserts that every one of some callers got the one token that there is, and returns it. */
export function oneToken({ tokens, failures }: Answers, callers: number): string {
  assertEquals(failures, {});
  const [token = "none", ...others] = Object.keys(tokens);
  assertEquals(tokens, { [token]: callers }, `Expected one token, found ${others.length + 1}`);
  return token;
}

/** Asserts that every one of some callers got a token, and returns the different ones. */
export function anyToken({ tokens, failures }: Answers, callers: number): readonly string[] {
  assertEquals(failures, {});
  assertEquals(Object.values(tokens).reduce((sum, count) => sum + count, 0), callers);
  return Object.keys(tokens);
}

/** How a machine asks for its credential. */
export interface Asking {
  /** How many callers there are at once. */
  readonly callers: number;
  /** Whether each of them reports first that its token was refused. */
  readonly refused?: boolean | undefined;
}

/** What the callers of one machine got. No token is in it. */
export interface Answers {
  /** How many got each token, by the start of its SHA-256. */
  readonly tokens: Readonly<Record<string, number>>;
  /** How many got it in each of these ways: `"minted"`, `"received"`, `"alone"`. */
  readonly how: Readonly<Record<string, number>>;
  /** How many got each error, by its code and message. */
  readonly failures: Readonly<Record<string, number>>;
  readonly degraded: number;
  /** When the tokens expire, by the clock that all machines have in common; the earliest. */
  readonly end: number | null;
  /** How long the slowest waited, in milliseconds. */
  readonly ms: number;
}

/** What a machine says of itself. */
export interface MachineState {
  /** How many requests it began at the token endpoint. */
  readonly asked: number;
  readonly share?: { readonly state?: string; readonly minted: number; readonly received: number } | undefined;
}

/** How a broken machine behaves: it reports every token as refused. */
export interface Breaking {
  /** For how long, in milliseconds. */
  readonly ms: number;
  /** How often. */
  readonly every: number;
}

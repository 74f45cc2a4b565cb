/** How a machine reaches its engine; the password is a credential of its chain. */
export interface EngineSettings {
  readonly kind: "redis" | "postgres";
  readonly port: number;
  readonly user: string;
}

export function shareOn(engine: EngineSettings): never {
  throw new Error(engine.kind);
}

/** The request that `fetch` was given as such, also one of another realm. */
export function requestOf(input: string | URL | Request): Request | undefined {
  return typeof input === "object" && "headers" in input ? input : undefined;
}

/** Whether a body can be read only once: a stream, and so the body of a `Request`. */
export function readOnce(body: unknown): boolean {
  return typeof body === "object" && body !== null && ("getReader" in body || Symbol.asyncIterator in body);
}

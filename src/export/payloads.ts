import { isPayload, type Payload } from '../trajectory/payload.ts';

/** Every payload that an event refers to, wherever it stands in it. */
export function* payloadsIn(value: unknown): Generator<Payload> {
  if (typeof value !== 'object' || value === null) return;
  if (isPayload(value)) yield value;
  else for (const item of Object.values(value)) yield* payloadsIn(item);
}

/** Addresses of the engines that a fleet stands on, and how they are shown: never with the secrets in them. */
import { z } from 'zod';

const forms = {
  store: { schemes: ['postgres:', 'postgresql:'], example: 'postgres://parley@db.example.org/parley' },
  bus: { schemes: ['nats:', 'tls:'], example: 'nats://nats.example.org:4222' },
  blobs: { schemes: ['s3:'], example: 's3://bucket/prefix?region=eu-central-1' },
} as const;

export function engineUrlSchema(engine: keyof typeof forms) {
  const { schemes, example } = forms[engine];
  const isOne = (written: string): boolean => {
    const url = parseAddress(written);
    return url !== null && url.hostname !== '' && schemes.some((scheme) => scheme === url.protocol);
  };
  return z
    .string('is not text')
    .trim()
    .max(4_000, 'is longer than 4000 characters')
    .refine(isOne, `is not an address of the form ${example}`);
}

/** Whether a place is an object store, rather than a folder. */
export function isObjectStore(place: string | null): place is string {
  return place?.startsWith('s3://') ?? false;
}

/** What of an address may be told: engine, machine, port and path, without user, password and parameters. */
export function describeEngineUrl(written: string): string {
  const url = parseAddress(written);
  return url === null ? 'an unreadable address' : `${url.protocol}//${url.host}${url.pathname}`;
}

/** Of several NATS servers all but the first may go without `nats://`. */
function parseAddress(written: string): URL | null {
  return URL.parse(/^[a-z0-9]+:\/\//i.test(written) ? written : `nats://${written}`);
}

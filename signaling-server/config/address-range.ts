/** Address ranges such as `10.0.0.0/8`, `::1` or `loopback`, and whether an address lies in one of them. */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const message = 'is not an address or a range: write 10.0.0.5, 10.0.0.0/8, fd00::/8 or loopback';

export const addressRangeSchema = z
  .string()
  .refine((range) => range === 'loopback' || parseRange(range) !== null, message);

/** @returns whether an address (without zone) is inside one of the ranges. */
export function createAddressMatcher(ranges: readonly string[]): (address: string) => boolean {
  const inside = new BlockList();
  for (const range of ranges.flatMap((word) => (word === 'loopback' ? ['127.0.0.0/8', '::1/128'] : [word]))) {
    const parsed = parseRange(range);
    if (parsed) inside.addSubnet(parsed.address, parsed.bits, parsed.family);
  }
  if (ranges.length === 0) return () => false;
  return (address) => {
    const version = isIP(address);
    return version !== 0 && inside.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

function parseRange(range: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null {
  const [address = '', bitsText, ...rest] = range.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const bits = bitsText === undefined ? most : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : NaN;
  if (version === 0 || rest.length > 0 || !(bits <= most)) return null;
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

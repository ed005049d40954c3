/** Writes bitmaps as PNG, ICO (Windows) and ICNS (macOS) files. */
import { crc32, deflateSync } from 'node:zlib';

export interface Bitmap {
  readonly size: number;
  /** Rows from the top; red, green, blue and alpha, one byte each, alpha not multiplied in. */
  readonly pixels: Uint8Array;
}

/** PNG (RFC 2083 and W3C's second edition): 8-bit RGBA, each row filtered as the difference to the one above. */
export function encodePng({ size, pixels }: Bitmap): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(filterRows(size, pixels), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** ICO with PNG images, as Windows reads them since Vista. */
export function encodeIco(bitmaps: readonly Bitmap[]): Buffer {
  const images = bitmaps.map(encodePng);
  const directory = Buffer.alloc(6 + 16 * bitmaps.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(bitmaps.length, 4);
  let offset = directory.length;
  for (const [index, image] of images.entries()) {
    const at = 6 + 16 * index;
    const size = bitmaps[index]?.size ?? 0;
    directory.set([size % 256, size % 256, 0, 0], at);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(image.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += image.length;
  }
  return Buffer.concat([directory, ...images]);
}

/** The types of ICNS entries that hold PNG, by size in pixels; larger sizes serve as the doubles of the smaller. */
const icnsTypes: Readonly<Record<number, readonly string[]>> = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['icp6', 'ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

export function encodeIcns(bitmaps: readonly Bitmap[]): Buffer {
  const entries = bitmaps.flatMap((bitmap) => {
    const image = encodePng(bitmap);
    return (icnsTypes[bitmap.size] ?? []).map((type) => Buffer.concat([icnsHead(type, image.length), image]));
  });
  const body = Buffer.concat(entries);
  return Buffer.concat([icnsHead('icns', body.length), body]);
}

function icnsHead(type: string, length: number): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(length + 8, 4);
  return head;
}

function filterRows(size: number, pixels: Uint8Array): Buffer {
  const rowBytes = size * 4;
  const filtered = Buffer.alloc((rowBytes + 1) * size);
  for (let row = 0; row < size; row++) {
    const target = row * (rowBytes + 1);
    filtered[target] = 2;
    for (let at = 0; at < rowBytes; at++) {
      const above = row === 0 ? 0 : (pixels[(row - 1) * rowBytes + at] ?? 0);
      filtered[target + 1 + at] = (pixels[row * rowBytes + at] ?? 0) - above;
    }
  }
  return filtered;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

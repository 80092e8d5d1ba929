import { deflateSync } from 'node:zlib';
import { crc32 } from 'node:zlib';

const SIDE = 8;

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function makePng(): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // Eight bits, red green blue.
  header.set([8, 2], 8);
  const pixels = Buffer.concat(
    Array.from({ length: SIDE }, () => Buffer.concat([Buffer.of(0), Buffer.alloc(SIDE * 3, 0x5b)])),
  );
  return new Uint8Array(
    Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(pixels)),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

/** A picture of 8 × 8 pixels that every browser draws. */
export const PNG = makePng();

/** The shortest thing that is told to be a PDF by its content. */
export const PDF = new Uint8Array(Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n', 'latin1'));

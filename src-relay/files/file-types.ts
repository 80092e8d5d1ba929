import { open } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { AppError } from '../../shared/errors.ts';

const TEXT_SAMPLE_BYTES = 64 * 1024;

/** Media types that are kept, with the name endings that fit; the first is added to names that have none of them. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'image/png': ['png'],
  'image/apng': ['png', 'apng'],
  'image/jpeg': ['jpg', 'jpeg', 'jfif'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'image/avif': ['avif'],
  'image/heic': ['heic', 'heif'],
  'image/heif': ['heif', 'heic'],
  'image/bmp': ['bmp'],
  'image/tiff': ['tiff', 'tif'],
  'application/pdf': ['pdf'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'application/vnd.oasis.opendocument.text': ['odt'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ods'],
  'application/vnd.oasis.opendocument.presentation': ['odp'],
  'application/x-cfb': ['doc', 'xls', 'ppt', 'msg'],
  'application/rtf': ['rtf'],
  'application/zip': ['zip'],
  'text/plain': ['txt', 'log', 'md', 'json', 'eml', 'srt', 'ics', 'vcf'],
  'text/csv': ['csv', 'tsv'],
  'audio/mpeg': ['mp3'],
  'audio/mp4': ['m4a', 'mp4'],
  'audio/x-m4a': ['m4a'],
  'audio/aac': ['aac'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'audio/opus': ['opus', 'ogg'],
  'audio/wav': ['wav'],
  'audio/amr': ['amr'],
  'audio/webm': ['weba', 'webm'],
  'video/mp4': ['mp4', 'm4v'],
  'video/webm': ['webm'],
  'video/ogg': ['ogv', 'ogg'],
  'video/quicktime': ['mov'],
  'video/3gpp': ['3gp'],
};

/** Shown in place; everything else is only downloaded. */
const SHOWN_INLINE = new Set(['image/png', 'image/apng', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

// Other spellings of the same type, so that one list is enough.
const SYNONYMS: Readonly<Record<string, string>> = {
  'application/csv': 'text/csv',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'text/rtf': 'application/rtf',
};

// Text whose first lines make a browser or a shell run it. It would be served as plain text, but a name is changed quickly.
const ACTIVE_TEXT =
  /^\s*(<!doctype|<html|<head|<body|<script|<svg|<iframe|<\?xml|<!--|<\?php|#!|mime-version:\s*1\.0\s+content-type:\s*multipart\/related)/i;

/**
 * The media type by the content; the name only tells kinds of text and of old office files apart.
 * @param name empty where it is not known
 * @throws AppError `unsupported`, reason `file-type-not-allowed`
 */
export async function sniffMediaType(file: string, name: string): Promise<string> {
  const found = await fileTypeFromFile(file);
  const mediaType = found === undefined ? await sniffText(file, name) : withoutParameters(found.mime);
  const known = mediaType === null ? null : (SYNONYMS[mediaType] ?? mediaType);
  if (known === null || !Object.hasOwn(ALLOWED, known)) throw notAllowed(mediaType);
  return known;
}

export function isShownInline(mediaType: string): boolean {
  return SHOWN_INLINE.has(mediaType);
}

/** The name with an ending that fits the content: what arrived as `invoice.pdf.exe` must not be run by a double click. */
export function nameFor(name: string, mediaType: string): string {
  const endings = ALLOWED[mediaType] ?? [];
  const ending = endingOf(name);
  if (endings.includes(ending) || endings[0] === undefined) return name;
  return `${name}.${endings[0]}`;
}

async function sniffText(file: string, name: string): Promise<string | null> {
  const sample = await readSample(file);
  const text = decodeText(sample);
  if (text === null || ACTIVE_TEXT.test(text)) return null;
  return ['csv', 'tsv'].includes(endingOf(name)) ? 'text/csv' : 'text/plain';
}

async function readSample(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TEXT_SAMPLE_BYTES), 0, TEXT_SAMPLE_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** UTF-8, UTF-16 with its mark, or a legacy 8-bit text; null for bytes that are no text. */
function decodeText(sample: Buffer): string | null {
  const encoding =
    sample[0] === 0xff && sample[1] === 0xfe
      ? 'utf-16le'
      : sample[0] === 0xfe && sample[1] === 0xff
        ? 'utf-16be'
        : null;
  const text = encoding === null ? sample.toString('utf8') : new TextDecoder(encoding).decode(sample);
  // oxlint-disable-next-line no-control-regex -- these never occur in text, and always soon in anything else
  return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? null : text;
}

function withoutParameters(mediaType: string): string {
  return mediaType.split(';')[0]!.trim();
}

function endingOf(name: string): string {
  return /\.([\p{L}\p{N}]+)$/u.exec(name)?.[1]?.toLowerCase() ?? '';
}

function notAllowed(mediaType: string | null): AppError {
  return new AppError('unsupported', `Files of this kind (${mediaType ?? 'unknown'}) are not taken.`, {
    reason: 'file-type-not-allowed',
    params: { mediaType: mediaType ?? '' },
  });
}

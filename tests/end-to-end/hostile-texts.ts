import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Where collections of such strings lie beside the project, on machines that have them. */
const collections = path.resolve(import.meta.dirname, '../../../shared/data');

const RUN = 'window.wasRun=1';

/** Texts that try to be more than text. Of our own. */
export const HOSTILE_TEXTS: readonly string[] = [
  `<script>${RUN}</script>`,
  `"><img src=x onerror=${RUN}>`,
  `<svg/onload=${RUN}>`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<a href="javascript:${RUN}">bấm vào đây</a> javascript:${RUN}`,
  `https://shop.example/"onmouseover="${RUN}`,
  `{{constructor.constructor('${RUN}')()}} \${${RUN}} <%= ${RUN} %>`,
  '<style>*{display:none!important}</style><base href="https://evil.example/"><meta http-equiv="refresh" content="0">',
  ']]></textarea><!--',
  'Đơn hàng \u202Egnôhk pôn\u202C \u2066trái phải\u2069 \u200F',
  `chồng dấu: ${'e' + '\u0302\u0323\u0301'.repeat(60)}`,
  'W'.repeat(3000),
  'https://shop.example/' + 'a'.repeat(1500),
  '👩‍👩‍👧‍👦🏴‍☠️🇻🇳'.repeat(150),
  'dòng\n'.repeat(400),
  '\u0000\u0007\u001b[31mđỏ\u001b[0m \ufeff\u00ad\u2028\u2029',
  '\ud800 lẻ đôi \udfff',
  'ﷺ'.repeat(80),
  '‮'.repeat(200) + 'x',
  'مرحبا، أين طلبي رقم 1042؟ Xin chào',
  '‏‎؜',
  '../../../../etc/passwd\u0000.png',
  'null',
  '__proto__',
];

/** Texts of the collections beside the project; null where there are none. */
export function readHostileCollections(): string[] | null {
  const naughty = path.join(collections, 'hostile-naughty-strings/blns.json');
  const scripts = path.join(collections, 'hostile-xss/xss-payload-list.txt');
  if (!existsSync(naughty) || !existsSync(scripts)) return null;
  const strings = (JSON.parse(readFileSync(naughty, 'utf8')) as string[]).filter((text) => text.trim() !== '');
  const lines = readFileSync(scripts, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return [...strings, ...inMessages(lines)];
}

/** Many short lines in as few messages as they fit in. */
function inMessages(lines: readonly string[]): string[] {
  const messages: string[] = [];
  let text = '';
  for (const line of lines) {
    const cut = line.slice(0, 3900);
    if (text !== '' && text.length + cut.length > 3900) {
      messages.push(text);
      text = '';
    }
    text += `${cut}\n`;
  }
  if (text !== '') messages.push(text);
  return messages;
}

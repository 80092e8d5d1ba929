import { expect, test } from 'vitest';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import type { TestConsole } from '../../../tests/fakes/console-process.ts';
import { useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { type ScriptedRelay, settle } from '../../../tests/fakes/scripted-relay.ts';

const { signedIn } = useScriptedConsoles();

const SIZE = 3;

/** The relay's files, by id; it takes uploads from now on. */
function filesOf(relay: ScriptedRelay): Set<string> {
  const files = new Set<string>();
  const { http } = relay;
  relay.http = async (url, init) => {
    const id = /uploads\/([0-9a-f]{64})/u.exec(url)?.[1];
    if (id === undefined) return http(url, init);
    if (init?.method === 'PUT') files.add(id);
    const has = files.has(id);
    return new Response(null, {
      headers: { 'upload-offset': has ? String(SIZE) : '0', 'upload-complete': has ? '?1' : '?0' },
    });
  };
  return files;
}

async function add(console: TestConsole, content: string): Promise<Attachment> {
  const { uploadId } = await console.request('file.begin', { name: `${content}.txt`, size: SIZE });
  await console.request('file.append', { uploadId, offset: 0, content: Buffer.from(content).toString('base64') });
  return (await console.request('file.finish', { uploadId })).attachment;
}

async function sendWith(console: TestConsole, attachments: Attachment[]): Promise<string> {
  const { commandId } = await console.request('message.send', { conversationId: 'k1', text: 'ảnh đây ạ', attachments });
  for (let turns = 0; turns < 3; turns += 1) await settle();
  return commandId;
}

test.each([true, false])(
  'SYNC-A1 of several files that the relay lost each is uploaded again (named: %s)',
  async (isNamed) => {
    const { relay, console } = await signedIn();
    const files = filesOf(relay);
    const attachments = [await add(console, 'ba!'), await add(console, 'hai')];
    const id = await sendWith(console, attachments);
    expect(files.size).toBe(2);
    files.clear();
    const params = isNamed ? { params: { fileId: attachments[0]!.fileId } } : {};
    relay.link.refuse(id, { kind: 'blob_missing', retryable: true, ...params });
    await relay.advance(10_000);
    expect(files.size).toBe(2);
    expect(relay.link.submitted()).toHaveLength(2);
  },
);

test('SYNC-A1 SYNC-R4 a file that neither side has any more ends the tries: the text needs attention', async () => {
  const { relay, console } = await signedIn();
  filesOf(relay);
  const here = await add(console, 'hai');
  const lost = { ...here, fileId: 'a'.repeat(64), name: 'of another machine' };
  const id = await sendWith(console, [here, lost]);
  relay.link.refuse(id, { kind: 'blob_missing', retryable: true, params: { fileId: lost.fileId } });
  await relay.advance(10_000);
  expect((await console.request('attention.list')).items).toMatchObject([{ commandId: id, text: 'ảnh đây ạ' }]);
});

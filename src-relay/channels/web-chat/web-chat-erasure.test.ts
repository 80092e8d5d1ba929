import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebChatRig } from '../../../tests/fakes/web-chat-rig.ts';
import type { WidgetSession } from '../../../shared/widget-api/session.ts';

let rig: WebChatRig;

beforeEach(async () => {
  rig = await new WebChatRig().start();
});

afterEach(() => rig.dispose());

const open = async () => (await (await rig.openSession()).json()) as WidgetSession;

test('SYNC-L7 a file that is sent while its visitor is erased leaves no name; one that goes with somebody else is asked for again', async () => {
  const [mine, other] = [await open(), await open()];
  const upload = async (token: string, meanwhile: (fileId: string) => void) => {
    const { storeFile } = rig.host;
    rig.host.storeFile = async (name, content) => {
      const attachment = await storeFile.call(rig.host, name, content);
      meanwhile(attachment.fileId);
      return attachment;
    };
    const form = new FormData();
    form.append('file', new Blob(['hoá đơn']), 'riêng.txt');
    const answer = await rig.call('POST', '/w/v1/uploads', { body: form, token });
    rig.host.storeFile = storeFile;
    return answer;
  };
  let fileId = '';
  const erased = await upload(mine.token, (id) => {
    fileId = id;
    rig.adapter.erase!('customer', mine.feed.id);
  });
  expect(await erased.json()).toMatchObject({ kind: 'unauthenticated', reason: 'session-over' });
  expect(rig.adapter.listUnsent!([fileId])).toEqual([]);
  const lost = await upload(other.token, (id) => rig.host.files.delete(id));
  expect(await lost.json()).toMatchObject({ kind: 'retry', reason: 'upload-broken' });
  expect((await upload(other.token, () => {})).status).toBe(201);
  expect(rig.adapter.listUnsent!([fileId, 'another'])).toEqual([fileId]);
});

import { type Page, expect, test } from '@playwright/test';
import path from 'node:path';
import { createServer, type ViteDevServer } from 'vite';

/**
 * What only a browser that lays out can show of the message list. The core behind it is the fake one: ten thousand
 * messages are there at once.
 */
let server: ViteDevServer;
let url: string;

test.beforeAll(async () => {
  const configFile = path.resolve(import.meta.dirname, '../fakes/console-page/vite.config.ts');
  server = await createServer({ configFile, server: { port: 0, hmr: false, ws: false }, logLevel: 'error' });
  await server.listen();
  url = server.resolvedUrls!.local[0]!;
});
test.afterAll(() => server.close());

const list = (page: Page) => page.getByRole('region', { name: 'Tin nhắn' });

async function open(page: Page, query: string): Promise<void> {
  await page.goto(`${url}?${query}`);
  await expect(list(page).getByRole('article').first()).toBeVisible();
}

/** The first bubble in view and how far below the upper edge it begins; and the distance from the end. */
function place(page: Page): Promise<{ id: string; top: number; fromEnd: number }> {
  return list(page).evaluate((scroller) => {
    const edge = scroller.getBoundingClientRect().top;
    const bubbles = [...scroller.querySelectorAll<HTMLElement>('[data-anchor]')]
      .map((bubble) => ({ id: bubble.dataset['anchor']!, box: bubble.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > edge)
      .toSorted((one, other) => one.box.top - other.box.top);
    const first = bubbles[0]!;
    const fromEnd = Math.round(scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop);
    return { id: first.id, top: Math.round(first.box.top - edge), fromEnd };
  });
}

const receive = (page: Page, text: string) =>
  page.evaluate((words) => {
    const { fake } = window as unknown as { fake: { receive: (id: string, text: string) => void } };
    fake.receive('conversation-0', words);
  }, text);

/** A turn of the wheel over the list, until that stands still: a browser may spread it over many frames. */
async function turnWheel(page: Page, by: number): Promise<void> {
  await list(page).hover();
  const end = await list(page).evaluateHandle((scroller) => ({
    reached: new Promise<void>((resolve) => {
      scroller.addEventListener('scrollend', () => resolve(), { once: true });
    }),
  }));
  await page.mouse.wheel(0, by);
  await end.evaluate(async ({ reached }) => {
    await reached;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
}

test('a conversation of 10,000 opens at its end, draws a screenful, and does not move while older pages come in', async ({
  page,
}) => {
  await open(page, 'scene=long&messages=10000&tabs=0');
  await expect.poll(() => place(page).then(({ fromEnd }) => fromEnd)).toBe(0);
  // More lines than the view has are drawn once the first frame is out; who scrolls before that is held at the end.
  await expect
    .poll(() =>
      list(page).evaluate((scroller) => {
        const edge = scroller.getBoundingClientRect().top;
        const lines = [...scroller.querySelectorAll('[data-index]')];
        return lines.filter((line) => line.getBoundingClientRect().bottom < edge).length;
      }),
    )
    .toBeGreaterThan(4);
  expect(await list(page).locator('[data-index]').count()).toBeLessThan(60);
  const travel = await list(page).evaluate(async (scroller) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const tops = () =>
      new Map(
        [...scroller.querySelectorAll<HTMLElement>('[data-anchor]')].map((bubble) => [
          bubble.dataset['anchor']!,
          bubble.getBoundingClientRect().top,
        ]),
      );
    const jumps: string[] = [];
    let grown = 0;
    for (let step = 0; step < 260; step += 1) {
      const before = tops();
      const height = scroller.scrollHeight;
      const from = scroller.scrollTop;
      scroller.scrollTop -= 90;
      const asked = from - scroller.scrollTop;
      await frame();
      await frame();
      if (scroller.scrollHeight - height > 1000) grown += 1;
      const after = tops();
      const edge = scroller.getBoundingClientRect().top;
      const seen = [...before].find(([id, top]) => top > edge && top < edge + scroller.clientHeight && after.has(id));
      const moved = seen === undefined ? Number.NaN : after.get(seen[0])! - seen[1];
      if (!(Math.abs(moved - asked) <= 3)) jumps.push(`step ${step}: ${moved} instead of ${asked}`);
    }
    return { jumps, grown };
  });
  expect(travel.jumps).toEqual([]);
  expect(travel.grown).toBeGreaterThanOrEqual(3);
});

test('it follows new messages from its end only; elsewhere they are counted', async ({ page }) => {
  await open(page, 'scene=long&messages=400&tabs=0');
  await receive(page, `first ${'long '.repeat(120)}`);
  await expect(list(page).getByText(/^first long/)).toBeVisible();
  await expect.poll(() => place(page).then(({ fromEnd }) => fromEnd)).toBe(0);
  await turnWheel(page, -1200);
  await expect(page.getByRole('button', { name: 'Về tin mới nhất' })).toBeVisible();
  const before = await place(page);
  await receive(page, 'second');
  await receive(page, 'third');
  const jump = page.getByRole('button', { name: /^2 tin mới/ });
  await expect(jump).toBeVisible();
  expect(await place(page)).toMatchObject({ id: before.id, top: before.top });
  await jump.click();
  await expect(list(page).getByText('third', { exact: true })).toBeVisible();
  await expect(jump).toBeHidden();
});

test('a tab comes back to the line and pixel where it was left', async ({ page }) => {
  await open(page, 'scene=long&messages=400&tabs=0,1');
  await turnWheel(page, -1700);
  await expect(page.getByRole('button', { name: 'Về tin mới nhất' })).toBeVisible();
  await expect.poll(() => place(page).then(({ fromEnd }) => fromEnd)).toBeGreaterThan(1000);
  const before = await place(page);
  await page.getByRole('tab').nth(1).click();
  await expect(list(page).getByText(/^#/)).toHaveCount(0);
  await page.getByRole('tab').nth(0).click();
  await expect.poll(() => place(page)).toEqual(before);
  // All of it was seen: nothing is counted as new until something is.
  const jump = page.getByRole('button', { name: /Về tin mới nhất/u });
  await expect(jump).toHaveAccessibleName('Về tin mới nhất');
  await receive(page, 'one more');
  await expect(jump).toHaveAccessibleName('1 tin mới. Về tin mới nhất');
});

test('a search hit far back is shown in its place, and reading goes on from there', async ({ page }) => {
  await open(page, 'scene=long&messages=3000&tabs=0');
  await page.keyboard.press('Control+Shift+F');
  // Keys before that go elsewhere.
  await expect(page.getByRole('region', { name: 'Tìm kiếm' }).getByRole('combobox')).toBeFocused();
  await page.keyboard.type('#777 ');
  await page.getByRole('option', { name: /#777/ }).click();
  await expect(list(page).getByText(/^#777 /)).toBeInViewport();
  await list(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(100);
    expect(Number((await place(page)).id.split('-m')[1])).toBeGreaterThan(900);
  }).toPass();
  await page.getByRole('button', { name: 'Về tin mới nhất' }).click();
  await expect(list(page).getByText(/^#2999 /)).toBeInViewport();
});

test('the newest message stays in view while the box below grows with its text', async ({ page }) => {
  await open(page, 'scene=full&tabs=0');
  const box = page.getByRole('textbox', { name: /^Trả lời/ });
  const height = () => box.evaluate((element) => element.clientHeight);
  const empty = await height();
  await box.fill('dòng\n'.repeat(9));
  await expect.poll(height).toBeGreaterThan(empty + 100);
  await expect.poll(() => place(page).then(({ fromEnd }) => fromEnd)).toBe(0);
  await box.fill('dòng\n'.repeat(200));
  await expect.poll(height).toBeGreaterThan(empty + 1000);
  const share = await box.evaluate((element) => {
    const scroller = element.parentElement!.parentElement!;
    return scroller.clientHeight / window.innerHeight;
  });
  expect(share).toBeLessThanOrEqual(0.41);
});

test('hostile texts run nothing, break no layout and leave their bubbles nowhere', async ({ page }) => {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await open(page, 'scene=hostile&tabs=0');
  for (let step = 0; step < 12; step += 1) {
    const spills = await list(page).evaluate((scroller) => {
      const { left, right } = scroller.getBoundingClientRect();
      return [...scroller.querySelectorAll<HTMLElement>('[data-anchor]')]
        .map((bubble) => bubble.getBoundingClientRect())
        .filter((box) => box.left < left || box.right > right).length;
    });
    expect(spills).toBe(0);
    await list(page).evaluate((scroller) => scroller.scrollBy(0, -300));
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  expect(await page.evaluate(() => 'hostileRan' in window)).toBe(false);
  expect(dialogs).toEqual([]);
});

test('the first frame of another tab is the one that stays: its own messages at their end, and nobody else’s', async ({
  page,
}) => {
  await open(page, 'scene=full&tabs=0,1,2');
  /** What every frame shows from the click on; the last ones when all is quiet. */
  const switchTo = (index: number) =>
    page.evaluate(async (place) => {
      const tab = document.querySelectorAll<HTMLElement>('[role=tab]')[place]!;
      const conversationId = tab.id.slice('tab-'.length);
      tab.click();
      const frames: { foreign: number; title: string; side: string; newest: number; gap: number }[] = [];
      for (let count = 0; count < 40; count += 1) {
        // What a frame shows is settled after its callbacks, where sizes are told; the next task comes when it is out.
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        const bubbles = [...document.querySelectorAll<HTMLElement>('[data-anchor]')];
        const scroller = document.querySelector<HTMLElement>('[role=region][tabindex]');
        if (bubbles.length === 0 || scroller === null) continue;
        frames.push({
          foreign: bubbles.filter((bubble) => !bubble.dataset['anchor']!.startsWith(`${conversationId}-m`)).length,
          title: document.querySelector('main h1')!.textContent,
          side: document.querySelector('aside h2')?.textContent ?? '',
          newest: Math.round(bubbles.at(-1)!.getBoundingClientRect().top),
          gap: Math.round(scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop),
        });
      }
      return { name: tab.title, frames };
    }, index);
  for (const index of [1, 2, 0, 1, 2]) {
    const { name, frames } = await switchTo(index);
    expect(frames.length).toBeGreaterThan(10);
    const last = frames.at(-1)!;
    expect(last).toMatchObject({ foreign: 0, title: name, side: name, gap: 0 });
    // The customer's side comes a frame later, and until then nobody stands there.
    const others = frames.filter((one) => one.side !== '' && one.side !== name);
    expect(others).toEqual([]);
    expect(frames.map(({ foreign, title, newest, gap }) => ({ foreign, title, newest, gap }))).toEqual(
      frames.map(() => ({ foreign: 0, title: name, newest: last.newest, gap: 0 })),
    );
  }
});

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';

// Guards the browser itself: were it started with the flags that some packages recommend, every test of origins,
// CORS and sandboxed frames would pass without meaning anything.

async function serve(answer: http.RequestListener): Promise<{ url: string; close: () => void }> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function page(body: string): http.RequestListener {
  return (_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>t</title>${body}`);
  };
}

test('the browser renders a page and takes a screenshot', async ({ page: tab }) => {
  const site = await serve(page('<h1>Xin chào</h1>'));
  try {
    await tab.goto(site.url);
    await expect(tab.getByRole('heading')).toHaveText('Xin chào');
    expect((await tab.screenshot()).byteLength).toBeGreaterThan(1_000);
  } finally {
    site.close();
  }
});

test('the browser refuses to read across origins', async ({ page: tab }) => {
  const secret = await serve(page('secret'));
  const site = await serve(page(`<iframe src="${secret.url}"></iframe>`));
  try {
    await tab.goto(site.url);
    const outcome = await tab.evaluate(async (url) => {
      const isFetchRefused = await fetch(url).then(
        () => false,
        () => true,
      );
      // A frame of another origin has no readable document.
      const isFrameOpen = document.querySelector('iframe')?.contentDocument !== null;
      return { isFetchRefused, isFrameOpen };
    }, secret.url);
    expect(outcome).toEqual({ isFetchRefused: true, isFrameOpen: false });
  } finally {
    secret.close();
    site.close();
  }
});

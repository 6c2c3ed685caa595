import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { accessSync, constants } from 'node:fs';
import { RearflowError } from '../src/platform/errors.ts';
import { setTimeout as delay } from 'node:timers/promises';

/** One picture of a page. Sizes in CSS pixels. */
export interface Shot {
  readonly name: string;
  readonly url: string;
  /** Part of the page that is taken. */
  readonly clip: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Put into the page's local storage before it loads. */
  readonly storage: Readonly<Record<string, string>>;
  /** The page is ready when its text holds this. */
  readonly awaits: string;
}

export interface Browser {
  /** @returns the PNG */
  take(shot: Shot): Promise<Buffer>;
  close(): Promise<void>;
}

type Answer = { readonly id?: number; readonly result?: Record<string, unknown>; readonly error?: { message: string } };

const readyWithinMs = 20_000;

/**
 * A headless Chromium, spoken to over its DevTools protocol: a page that keeps a long poll open never comes to rest, so
 * that the browser's own `--screenshot` waits forever.
 *
 * @throws RearflowError `ToolMissing` when no browser is installed
 */
export async function openBrowser(): Promise<Browser> {
  const path = browserPath();
  const profile = await mkdtemp(join(tmpdir(), 'rearflow-browser-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--remote-debugging-port=0'];
  const child = spawn(path, [...flags, `--user-data-dir=${profile}`, 'about:blank'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await until(
    'the browser',
    async () => (await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')).split('\n')[0],
  );
  const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as readonly {
    readonly type: string;
    readonly webSocketDebuggerUrl: string;
  }[];
  const page = pages.find(({ type }) => type === 'page');
  if (!page) throw new Error('the browser has no page');
  const send = await connect(page.webSocketDebuggerUrl);
  await send('Page.enable');
  return {
    async take({ url, clip, storage, awaits }) {
      const size = { width: clip.x + clip.width, height: clip.y + clip.height };
      await send('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: false });
      const set = Object.entries(storage).map(
        ([key, value]) => `localStorage.setItem(${JSON.stringify(key)}, ${JSON.stringify(value)});`,
      );
      const { identifier } = await send('Page.addScriptToEvaluateOnNewDocument', { source: set.join('\n') });
      await send('Page.navigate', { url });
      await until(`"${awaits}" on ${url}`, async () => {
        const expression = `document.body.textContent.includes(${JSON.stringify(awaits)}) || undefined`;
        const { result } = (await send('Runtime.evaluate', { expression })) as { result: { value?: boolean } };
        return result.value;
      });
      // The last fonts and lines of a chart are drawn after the text is there.
      await delay(1_500);
      await send('Page.removeScriptToEvaluateOnNewDocument', { identifier });
      const { data } = (await send('Page.captureScreenshot', { format: 'png', clip: { ...clip, scale: 1 } })) as {
        data: string;
      };
      return Buffer.from(data, 'base64');
    },
    async close() {
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function connect(
  url: string,
): Promise<(method: string, params?: Record<string, unknown>) => Promise<Record<string, unknown>>> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the browser takes no connection')));
  });
  let last = 0;
  return async (method, params = {}) => {
    const id = ++last;
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
    waiting.delete(id);
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  };
}

function browserPath(): string {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const path of ['chromium', 'google-chrome'].flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  throw new RearflowError('ToolMissing', 'no browser was found', {
    hint: 'Install chromium, or let CHROMIUM name the file of one.',
  });
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + readyWithinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await delay(100);
  }
}

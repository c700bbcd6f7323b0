// What $BROWSER of a test is: headless Chromium, driven by chromedriver (W3C WebDriver), signs in at
// URL as a person does. Prints the text of the page that it comes back to.
//
//   node chromium.mjs URL USER
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [url, user] = process.argv.slice(2);
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'; // how WebDriver names one
const profile = mkdtempSync(join(tmpdir(), 'pam_oauth_chromium.'));

// The port is of our choosing, and somebody may be faster.
function startDriver() {
  const number = 20000 + Math.floor(Math.random() * 12000);
  const child = spawn('chromedriver', [`--port=${number}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve) => {
    let text = '';
    child.on('error', (error) => { throw error; });
    child.on('exit', () => resolve(undefined));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (/started successfully/.test(text)) resolve({ child, number });
    });
  });
}
let driver;
for (let tries = 0; tries < 10 && !driver; tries += 1) driver = await startDriver();
if (!driver) throw new Error('chromedriver does not start');

async function command(method, path, body) {
  const reply = await fetch(`http://127.0.0.1:${driver.number}${path}`, {
    method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(30000),
  });
  const { value } = await reply.json();
  if (value?.error) throw Object.assign(new Error(`${path}: ${value.error}: ${value.message}`), { code: value.error });
  return value;
}

// What WORK with the elements of a page comes to, or undefined where the browser has left that page or
// has not drawn it: either can be so between any two commands, and is no fault.
const NOT_THERE = ['stale element reference', 'no such element', 'element not interactable'];
async function onPage(work) {
  try {
    return await work();
  } catch (error) {
    if (NOT_THERE.includes(error.code)) return undefined;
    throw error;
  }
}

// A click returns before the page has gone: without a wait the same button would be found again.
async function press(button) {
  await command('POST', `${button}/click`, {});
  for (let looks = 0; looks < 100 && await onPage(() => command('GET', `${button}/name`)); looks += 1) await sleep(100);
  return true;
}

// Signs in or consents, whichever the page asks for. Undefined where it does not ask yet.
async function answer(find) {
  const [submit] = await find('button[type=submit]');
  if (!submit) return undefined;
  const [login] = await find('input[name=login]');
  const [password] = await find('input[name=password]');
  if (login && password) {
    await command('POST', `${login}/value`, { text: user });
    await command('POST', `${password}/value`, { text: 'any will do' });
  }
  return press(submit);
}

async function browse(session) {
  const at = `/session/${session}`;
  const find = async (using) => (await command('POST', `${at}/elements`, { using: 'css selector', value: using }))
    .map((element) => `${at}/element/${element[ELEMENT]}`);
  await command('POST', `${at}/url`, { url });
  // Login, consent, and back: more pages than these is a loop. A page may still be on its way.
  for (let pages = 0, looks = 0; pages < 5 && looks < 300; looks += 1) {
    if ((await command('GET', `${at}/url`)).startsWith('http://127.0.0.1:')) {
      for (let tries = 0; tries < 50; tries += 1) {
        const [body] = await find('body');
        const text = body && await onPage(() => command('GET', `${body}/text`));
        if (text) { console.log(text); return; }
        await sleep(100);
      }
      throw new Error('an empty page');
    }
    if (await onPage(() => answer(find))) pages += 1;
    else await sleep(100);
  }
  throw new Error('no end of pages');
}

try {
  const { sessionId } = await command('POST', '/session', {
    capabilities: {
      alwaysMatch: {
        // The provider's authority is the test's own; whom pam-oauth trusts is another matter.
        acceptInsecureCerts: true,
        'goog:chromeOptions': {
          args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
            '--no-first-run', `--user-data-dir=${profile}`],
        },
      },
    },
  });
  try {
    await browse(sessionId);
  } finally {
    await command('DELETE', `/session/${sessionId}`).catch(() => {});
  }
} finally {
  driver.child.kill();
  await sleep(200);
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}

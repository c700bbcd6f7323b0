// A person with a browser: opens the verification page, types or accepts the
// code, confirms or aborts, logs in, consents.  Forms are read from the pages
// and submitted as they stand; cookies are kept as a browser keeps them.

import { ask } from './http.mjs';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescapeHtml = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ENTITIES[name]);

const attributes = (tag) => Object.fromEntries(
  [...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, unescapeHtml(value)]));

function parsePage(html) {
  const [, formTag, inside = ''] = html.match(/<form\b([^>]*)>([\s\S]*?)<\/form>/) ?? [];
  const inputs = [...inside.matchAll(/<input\b([^>]*)>/g)].map(([, tag]) => attributes(tag));
  return {
    title: html.match(/<title>([^<]*)/)?.[1] ?? '',
    warning: html.match(/<p class="red">([^<]*)/)?.[1],
    shownCode: html.match(/<code>([^<]*)/)?.[1],
    action: formTag && attributes(formTag).action,
    cancel: html.match(/<a href="([^"]*)">\[ Cancel \]/)?.[1],
    fields: formTag && Object.fromEntries(inputs.map(({ name, value = '' }) => [name, value])),
  };
}

class Browser {
  #ca;

  #cookies = [];

  constructor(ca) { this.#ca = ca; }

  #remember(setCookie) {
    const [pair, ...rest] = setCookie.split(/;\s*/);
    const [, name, value] = pair.match(/^([^=]*)=(.*)$/);
    const properties = Object.fromEntries(rest.map((item) => {
      const [, key, text = ''] = item.match(/^([^=]*)=?(.*)$/);
      return [key.toLowerCase(), text];
    }));
    const path = properties.path ?? '/';
    this.#cookies = this.#cookies.filter((kept) => kept.name !== name || kept.path !== path);
    const expired = properties.expires && new Date(properties.expires) <= new Date();
    if (!expired) this.#cookies.push({ name, value, path });
  }

  // Longest path first: the two interactions use one name on two paths.
  #cookieHeader(path) {
    return this.#cookies
      .filter((kept) => path === kept.path || path.startsWith(kept.path.replace(/\/?$/, '/')))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  async open(url, fields) {
    let target = new URL(url);
    let body = fields && new URLSearchParams(fields);
    for (let redirects = 0; redirects < 10; redirects += 1) {
      const reply = await ask(target, {
        method: body ? 'POST' : 'GET',
        headers: { accept: 'text/html', cookie: this.#cookieHeader(target.pathname) },
        body,
        ca: this.#ca,
      });
      (reply.headers['set-cookie'] ?? []).forEach((cookie) => this.#remember(cookie));
      if (!reply.headers.location) return { url: target, status: reply.status, ...parsePage(reply.body) };
      target = new URL(reply.headers.location, target);
      body = undefined;
    }
    throw new Error(`${url} redirects for ever`);
  }
}

const bareCode = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, '');

function checkCode(shown, expected) {
  if (bareCode(shown) !== bareCode(expected)) {
    throw new Error(`the page is about the code ${shown}, not about ${expected}`);
  }
}

// What the person adds to the form of this page.
function answer({ fields, shownCode }, { userCode, user, deny }) {
  if ('confirm' in fields) {
    checkCode(shownCode, userCode);
    return deny ? { abort: 'yes' } : {};
  }
  if ('user_code' in fields) {
    // A complete URI prefills the field, and a script submits the page.
    if (fields.user_code) checkCode(fields.user_code, userCode);
    return { user_code: userCode };
  }
  if (fields.prompt === 'login') return { login: user, password: 'any will do' };
  return {}; // consent: the button is all there is
}

// The browser of a sign-in that comes back to a program on this machine: `deny` cancels instead of
// logging in. Resolves to the title of the page that the program shows.
export async function walkBack(ca, url, { user, deny }) {
  const browser = new Browser(ca);
  let page = await browser.open(url);
  for (let pages = 0; pages < 5; pages += 1) {
    if (page.url.hostname === '127.0.0.1') return page.title;
    if (page.status !== 200 || !page.action) {
      throw new Error(`the page at ${page.url} is '${page.title}' (HTTP ${page.status}) and has no form`);
    }
    page = deny ? await browser.open(new URL(page.cancel, page.url))
      : await browser.open(new URL(page.action, page.url), { ...page.fields, ...answer(page, { user }) });
  }
  throw new Error(`no end after the page '${page.title}' at ${page.url}`);
}

// Walks the pages from the verification URL on.  Resolves when the page came
// that ends the walk as wished (success, or interruption with deny).
export async function walkPages(ca, url, errand) {
  const browser = new Browser(ca);
  let page = await browser.open(url);
  // Code, confirmation, login, consent: more pages than these is a loop.
  for (let pages = 0; pages < 5; pages += 1) {
    if (page.status === 200 && page.title === 'Sign-in Success' && !errand.deny) return;
    if (errand.deny && pages > 0 && /interrupted/.test(page.warning)) return;
    if (page.warning) throw new Error(`the page at ${page.url} says: ${page.warning}`);
    if (page.status !== 200 || !page.action) {
      throw new Error(`the page at ${page.url} is '${page.title}' (HTTP ${page.status}) and has no form`);
    }
    page = await browser.open(new URL(page.action, page.url), { ...page.fields, ...answer(page, errand) });
  }
  throw new Error(`no end after the page '${page.title}' at ${page.url}`);
}
